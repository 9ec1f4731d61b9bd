package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;

/**
 * ONNX Mod 10-13: the remainder of x / y with broadcasting. An integer's remainder by zero is 0.
 *
 * @param fmod whether it has the sign of x, as in C, rather than that of y
 */
record Mod(boolean fmod) implements Operator {

  static Operator of(NodeAttributes attributes) {
    return new Mod(attributes.intOr("fmod", 0) != 0);
  }

  @Override
  public String name() {
    return "Mod";
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    if (inputs.dtype(0) != inputs.dtype(1)) {
      throw inputs.invalid(
          "expected one type but got %s and %s".formatted(inputs.type(0), inputs.type(1)));
    }
    return List.of(
        inputs.type(0).withShape(BroadcastLoops.shape(inputs, inputs.shape(0), inputs.shape(1))));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    BroadcastLoops loops =
        BroadcastLoops.of(outputTypes(inputs).getFirst().shape(), inputs.shape(0), inputs.shape(1));
    BinaryLoop loop =
        inputs.dtype(0).isFloat()
            ? BinaryLoop.ofDoubles(loops, this::remainder)
            : BinaryLoop.ofLongs(
                loops, inputs.dtype(0) == DType.UINT64 ? Mod::unsigned : this::remainder);
    return (in, out, run) -> loop.run(in[0], in[1], out[0], run.pool());
  }

  private double remainder(double x, double y) {
    double remainder = x % y;
    return fmod || remainder == 0 || (remainder < 0) == (y < 0) ? remainder : remainder + y;
  }

  private long remainder(long x, long y) {
    if (y == 0) {
      return 0;
    }
    return fmod ? x % y : Math.floorMod(x, y);
  }

  private static long unsigned(long x, long y) {
    return y == 0 ? 0 : Long.remainderUnsigned(x, y);
  }
}
