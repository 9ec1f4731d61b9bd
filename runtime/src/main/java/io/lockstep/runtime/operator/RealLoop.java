package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongUnaryOperator;

/** A function of single numbers of any type, element by element and in place if need be. */
final class RealLoop {

  private RealLoop() {}

  /** Unsigned integers have no negative ones: the functions here that change a sign leave them. */
  static PreparedOperator prepare(
      DoubleUnaryOperator reals, LongUnaryOperator integers, TensorType type) {
    long size = type.shape().size();
    return PreparedOperator.inPlace(
        0,
        (in, out, run) ->
            Chunks.forEach(
                run.pool(),
                size,
                (from, count) -> {
                  if (type.dtype().isFloat()) {
                    reals(reals, in[0], out[0], from, count);
                  } else {
                    integers(integers, in[0], out[0], from, count);
                  }
                }));
  }

  private static void reals(
      DoubleUnaryOperator function, Tensor x, Tensor y, long from, long count) {
    for (long i = from; i < from + count; i++) {
      y.setFromDouble(i, function.applyAsDouble(x.asDouble(i)));
    }
  }

  private static void integers(
      LongUnaryOperator function, Tensor x, Tensor y, long from, long count) {
    boolean bits64 = x.dtype() == DType.UINT64;
    for (long i = from; i < from + count; i++) {
      long value = x.asLong(i);
      y.setFromLong(i, bits64 && value < 0 ? value : function.applyAsLong(value));
    }
  }
}
