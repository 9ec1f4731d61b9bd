package io.lockstep.runtime.kernel.jit;

import static io.lockstep.runtime.kernel.jit.Mem.mem;
import static io.lockstep.runtime.kernel.jit.Vec.v;

import java.util.List;

/**
 * Softmax of rows: the maximum, then the exponentials and their sum, then their products with its
 * reciprocal. Parameter 0 is minus infinity, parameter 1 is one.
 */
final class SoftmaxGenerator extends RowGenerator {

  /** Chunks of a turn that looks for the maximum, each with its own, so that none waits. */
  private static final int CHUNKS = 4;

  private final ExpressionWriter exp;

  /** Registers that expressions leave alone; behind them only a mask. */
  private final Vec parts;

  private final Vec result;
  private final Vec filler;
  private final int expressionRegisters;

  SoftmaxGenerator(Isa isa) {
    super(isa);
    int last = isa.registers() - 1;
    this.parts = v(last - 2);
    this.result = v(last - 3);
    this.filler = v(last - 4);
    this.expressionRegisters = last - 4;
    Expression shifted = new Expression.Input(0).minus(new Expression.Input(1));
    this.exp =
        new ExpressionWriter(
            asm,
            new Functions(isa).exp(shifted),
            CONSTANTS,
            Parameters.at(PARAMETERS, PARAMETERS_SLOT));
  }

  @Override
  List<Integer> constants() {
    return exp.constants();
  }

  private Vec part(int i) {
    return v(parts.number() + i);
  }

  private static Mem one() {
    return mem(PARAMETERS, PARAMETERS_SLOT * Long.BYTES + Float.BYTES);
  }

  @Override
  void beforeRows() {
    exp.hold(1 + CHUNKS * vectors, expressionRegisters);
  }

  @Override
  void row() {
    Vec x = v(0);
    asm.broadcast(filler, Parameters.at(PARAMETERS, PARAMETERS_SLOT));
    maximum(x);
    asm.move(result, parts);
    asm.zero(filler);
    for (int i = 0; i < vectors; i++) {
      asm.zero(part(i));
    }
    pass(part -> {
      Vec e =
          exp.write(
              expressionRegisters,
              (to, input) -> {
                if (input.index() == 0) {
                  load(to, X, part);
                } else {
                  asm.move(to, result);
                }
              });
      fillRest(e, filler, part);
      store(Y, e, part);
      asm.op(Op.ADDPS, part(part.vector()), part(part.vector()), e);
    });
    combine(Op.ADDPS, parts, x);
    asm.broadcast(result, one());
    asm.op(Op.DIVPS, result, result, parts);
    pass(part -> {
      load(x, Y, part);
      asm.op(Op.MULPS, x, x, result);
      store(Y, x, part);
    });
  }

  /** Brings the largest element of a row into all lanes of the first part. */
  private void maximum(Vec x) {
    for (int i = 0; i < CHUNKS * vectors; i++) {
      asm.move(v(x.number() + 1 + i), filler);
    }
    pass(
        CHUNKS,
        part -> {
          Vec so = v(x.number() + 1 + part.chunk() * vectors + part.vector());
          load(x, X, part);
          fillRest(x, filler, part);
          asm.op(Op.MAXPS, so, so, x);
        });
    for (int i = 0; i < vectors; i++) {
      Vec first = v(x.number() + 1 + i);
      for (int chunk = 1; chunk < CHUNKS; chunk++) {
        asm.op(Op.MAXPS, first, first, v(first.number() + chunk * vectors));
      }
      asm.move(part(i), first);
    }
    combine(Op.MAXPS, parts, x);
  }
}
