package io.lockstep.runtime.kernel.jit;

import static io.lockstep.runtime.kernel.jit.Mem.mem;
import static io.lockstep.runtime.kernel.jit.Vec.v;

import io.lockstep.runtime.kernel.jit.Assembler.Condition;

/**
 * Writes a loop that sums some neighbouring vectors of columns over rows, each in ascending rows
 * from zero, then adds what stands in the result where it continues, and divides. The last vector
 * has a place of its own, so that it may overlap the one before, whose sums it repeats.
 */
final class ColumnSumGenerator {

  static final int X = 0;

  /** The last vector of the first row. */
  static final int X_LAST = 1;

  /** Bytes from row to row. */
  static final int STRIDE = 2;

  static final int ROWS = 3;
  static final int Y = 4;
  static final int Y_LAST = 5;

  /** Whether sums are added to the result, rather than being it. */
  static final int CONTINUES = 6;

  /** A float. */
  static final int DIVISOR = 7;

  private static final Gp PARAMETERS = Gp.RDI;
  private static final Gp FROM = Gp.RSI;
  private static final Gp LAST = Gp.RDX;
  private static final Gp STEP = Gp.RCX;
  private static final Gp LEFT = Gp.RAX;

  private final Assembler asm;
  private final Isa isa;
  private final int vectors;

  private ColumnSumGenerator(Isa isa, int vectors) {
    this.asm = new Assembler(isa);
    this.isa = isa;
    this.vectors = vectors;
  }

  /** The most vectors of a kernel: one register each, and one for the divisor. */
  static int most(Isa isa) {
    return isa.registers() * 3 / 4;
  }

  static NativeKernel generate(Isa isa, int vectors) {
    return new NativeKernel(new ColumnSumGenerator(isa, vectors).generate());
  }

  private byte[] generate() {
    Label row = new Label();
    Label alone = new Label();
    Vec divisor = v(vectors);
    for (int i = 0; i < vectors; i++) {
      asm.zero(v(i));
    }
    pointTo(X, X_LAST);
    asm.mov(STEP, Parameters.at(PARAMETERS, STRIDE));
    asm.mov(LEFT, Parameters.at(PARAMETERS, ROWS));
    asm.bind(row);
    addAll();
    asm.add(FROM, STEP);
    asm.add(LAST, STEP);
    asm.sub(LEFT, 1);
    asm.jump(Condition.NOT_ZERO, row);
    pointTo(Y, Y_LAST);
    asm.mov(LEFT, Parameters.at(PARAMETERS, CONTINUES));
    asm.test(LEFT, LEFT);
    asm.jump(Condition.ZERO, alone);
    addAll();
    asm.bind(alone);
    asm.broadcast(divisor, Parameters.at(PARAMETERS, DIVISOR));
    for (int i = 0; i < vectors; i++) {
      asm.op(Op.DIVPS, v(i), v(i), divisor);
    }
    for (int i = 0; i < vectors; i++) {
      asm.store(vector(i), v(i));
    }
    asm.vzeroupper();
    asm.ret();
    return asm.toByteArray();
  }

  private void pointTo(int slot, int lastSlot) {
    asm.mov(FROM, Parameters.at(PARAMETERS, slot));
    asm.mov(LAST, Parameters.at(PARAMETERS, lastSlot));
  }

  private Mem vector(int i) {
    return i == vectors - 1 ? mem(LAST, 0) : mem(FROM, i * isa.vectorBytes());
  }

  private void addAll() {
    for (int i = 0; i < vectors; i++) {
      asm.op(Op.ADDPS, v(i), v(i), vector(i));
    }
  }
}
