package io.lockstep.runtime.kernel.jit;

import static io.lockstep.runtime.kernel.jit.Mem.mem;
import static io.lockstep.runtime.kernel.jit.Vec.v;

import java.util.List;

/**
 * The least or largest of 0 and the elements of a row; a NaN is passed over. Every lane of the
 * vector at y holds it.
 */
final class RangeGenerator extends RowGenerator {

  private static final Vec X_VALUE = v(0);
  private static final int PARTS = 1;

  /** Chunks of a turn, each with a result of its own, so that none waits for another. */
  private static final int CHUNKS = 4;

  private final Op op;

  /** A kernel with {@link Op#MINPS} or {@link Op#MAXPS}. */
  RangeGenerator(Isa isa, Op op) {
    super(isa);
    this.op = op;
  }

  @Override
  List<Integer> constants() {
    return List.of();
  }

  @Override
  void row() {
    for (int i = 0; i < CHUNKS * vectors; i++) {
      asm.zero(v(PARTS + i));
    }
    pass(
        CHUNKS,
        part -> {
          load(X_VALUE, X, part);
          // of a NaN and a number the instruction takes the second operand
          Vec so = v(PARTS + part.chunk() * vectors + part.vector());
          asm.op(op, so, X_VALUE, so);
        });
    for (int i = vectors; i < CHUNKS * vectors; i++) {
      Vec so = v(PARTS + i % vectors);
      asm.op(op, so, v(PARTS + i), so);
    }
    combine(op, v(PARTS), X_VALUE);
    asm.store(mem(Y, 0), v(PARTS));
  }
}
