package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.kernel.Activation;
import io.lockstep.runtime.kernel.Gemm;
import io.lockstep.runtime.kernel.PackedMatrix;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorArena;

/** Products with a constant right-hand matrix, packed once for the model. */
final class PackedProduct {

  private PackedProduct() {}

  /**
   * The second input packed, its elements times {@code alpha}.
   *
   * @param transposed whether it is [n, k]
   */
  static PackedMatrix pack(PrepareContext context, boolean transposed, float alpha) {
    Gemm gemm = context.kernels().gemm();
    String form = (transposed ? "gemm transposed" : "gemm") + (alpha == 1 ? "" : " x " + alpha);
    return context.packed(
        1,
        form,
        (b, owner) -> {
          if (alpha == 1) {
            return gemm.pack(b, transposed, owner);
          }
          try (TensorArena scratch = new TensorArena()) {
            Tensor scaled = scratch.allocate(b.type());
            for (long i = 0; i < b.size(); i++) {
              scaled.setFloat(i, b.getFloat(i) * alpha);
            }
            return gemm.pack(scaled, transposed, owner);
          }
        });
  }

  /**
   * y = activation(a b + bias).
   *
   * @param rows of a float [rows, k], the first input
   * @param bias the input that holds float [n], or -1
   */
  static PreparedOperator prepare(
      PrepareContext context, int rows, PackedMatrix b, int bias, Activation activation) {
    Gemm gemm = context.kernels().gemm();
    ColumnBias epilogue = new ColumnBias(activation);
    return (in, out, run) ->
        gemm.gemmF32(
            rows,
            in[0].segment(),
            0,
            b.k(),
            b,
            epilogue.with(bias < 0 ? null : in[bias]),
            out[0].segment(),
            0,
            b.n(),
            run.pool());
  }
}
