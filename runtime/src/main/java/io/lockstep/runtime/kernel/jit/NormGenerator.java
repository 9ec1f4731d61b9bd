package io.lockstep.runtime.kernel.jit;

import static io.lockstep.runtime.kernel.jit.Mem.mem;
import static io.lockstep.runtime.kernel.jit.Vec.v;

import io.lockstep.runtime.kernel.jit.Assembler.Condition;
import java.util.List;

/**
 * Layer normalisation of rows, or root mean square normalisation, which leaves out the mean.
 * Parameter 0 is the reciprocal of the length, parameter 1 epsilon.
 */
final class NormGenerator extends RowGenerator {

  private static final Gp VECTOR = Gp.R11;
  private static final Vec X_VALUE = v(0);
  private static final Vec OTHER = v(1);
  private static final Vec MEAN = v(2);
  private static final Vec FACTOR = v(3);
  private static final Vec ONE = v(4);
  private static final int PARTS = 5;

  private final boolean centres;

  NormGenerator(Isa isa, boolean centres) {
    super(isa);
    this.centres = centres;
  }

  @Override
  List<Integer> constants() {
    return List.of(Float.floatToRawIntBits(1));
  }

  private Mem parameter(int i) {
    return mem(PARAMETERS, PARAMETERS_SLOT * Long.BYTES + i * Float.BYTES);
  }

  @Override
  void row() {
    asm.zero(MEAN);
    if (centres) {
      clear();
      pass(part -> {
        load(X_VALUE, X, part);
        add(part);
      });
      combine(Op.ADDPS, v(PARTS), X_VALUE);
      asm.broadcast(OTHER, parameter(0));
      asm.op(Op.MULPS, MEAN, v(PARTS), OTHER);
    }
    clear();
    pass(part -> {
      load(X_VALUE, X, part);
      asm.op(Op.SUBPS, X_VALUE, X_VALUE, MEAN);
      asm.zero(OTHER);
      fillRest(X_VALUE, OTHER, part);
      asm.op(Op.MULPS, X_VALUE, X_VALUE, X_VALUE);
      add(part);
    });
    combine(Op.ADDPS, v(PARTS), X_VALUE);
    asm.broadcast(OTHER, parameter(0));
    asm.op(Op.MULPS, FACTOR, v(PARTS), OTHER);
    asm.broadcast(OTHER, parameter(1));
    asm.op(Op.ADDPS, FACTOR, FACTOR, OTHER);
    asm.op(Op.SQRTPS, FACTOR, FACTOR);
    asm.broadcast(ONE, mem(CONSTANTS, 0));
    asm.op(Op.DIVPS, FACTOR, ONE, FACTOR);
    pass(part -> {
      load(X_VALUE, X, part);
      asm.op(Op.SUBPS, X_VALUE, X_VALUE, MEAN);
      asm.op(Op.MULPS, X_VALUE, X_VALUE, FACTOR);
      apply(GAMMA_SLOT, Op.MULPS, part);
      apply(BETA_SLOT, Op.ADDPS, part);
      store(Y, X_VALUE, part);
    });
  }

  private void clear() {
    for (int i = 0; i < vectors; i++) {
      asm.zero(v(PARTS + i));
    }
  }

  private void add(Part part) {
    Vec sum = v(PARTS + part.vector());
    asm.op(Op.ADDPS, sum, sum, X_VALUE);
  }

  private void apply(int slot, Op op, Part part) {
    Label none = new Label();
    asm.mov(VECTOR, Parameters.at(PARAMETERS, slot));
    asm.test(VECTOR, VECTOR);
    asm.jump(Condition.ZERO, none);
    load(OTHER, VECTOR, part);
    asm.op(op, X_VALUE, X_VALUE, OTHER);
    asm.bind(none);
  }
}
