package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.kernel.Activation;
import io.lockstep.runtime.kernel.ComputePool;
import io.lockstep.runtime.kernel.Epilogue;
import io.lockstep.runtime.kernel.Gemm;
import io.lockstep.runtime.kernel.PackedMatrix;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The product of rows [rows, k] with the transpose of some rows [n, k] of a recurrent layer's
 * weights: packed once when the weights are constant.
 */
final class RecurrentProduct {

  private final Gemm gemm;
  private final int n;
  private final int k;
  private final long firstWeight; // element of the weights where the rows begin
  private final @Nullable PackedMatrix packed;

  private RecurrentProduct(
      Gemm gemm, int n, int k, long firstWeight, @Nullable PackedMatrix packed) {
    this.gemm = gemm;
    this.n = n;
    this.k = k;
    this.firstWeight = firstWeight;
    this.packed = packed;
  }

  /**
   * Chooses the product.
   *
   * @param input index of the weights FLOAT32 [directions, allRows, k]
   * @param firstRow the first of the rows to take, counted over all directions
   * @param n how many rows to take
   */
  static RecurrentProduct of(
      OperatorInputs inputs, PrepareContext context, int input, int firstRow, int n) {
    int k = inputs.shape(input).extent(2);
    Gemm gemm = context.kernels().gemm();
    long firstWeight = (long) firstRow * k;
    PackedMatrix packed = null;
    if (inputs.constant(input).isPresent()) {
      TensorType part = inputs.type(input).withShape(Shape.of(n, k));
      packed =
          context.packed(
              input,
              "rows/" + firstRow + "+" + n,
              (constant, owner) ->
                  gemm.pack(
                      Tensor.of(part, constant.segment().asSlice(firstWeight * Float.BYTES)),
                      true,
                      owner));
    }
    return new RecurrentProduct(gemm, n, k, firstWeight, packed);
  }

  /** Scratch bytes that a product of so many rows needs. */
  long workspaceBytes(int rows) {
    return packed != null ? 0 : gemm.matmulWorkspaceBytes(new Gemm.MatmulShape(rows, k, n, true));
  }

  /**
   * c = a weights^T + bias.
   *
   * @param a float [rows, k]
   * @param weights the whole input that the rows were taken from
   * @param bias float [n], or null
   * @param scratch at least {@link #workspaceBytes} bytes
   * @param c float [rows, n] with {@code cStride} elements between rows
   */
  void multiply(
      int rows,
      MemorySegment a,
      Tensor weights,
      @Nullable MemorySegment bias,
      MemorySegment scratch,
      MemorySegment c,
      long cOffset,
      int cStride,
      ComputePool pool) {
    Epilogue epilogue = bias == null ? Epilogue.NONE : Epilogue.of(bias, Activation.NONE);
    if (packed != null) {
      gemm.gemmF32(rows, a, 0, k, packed, epilogue, c, cOffset, cStride, pool);
      return;
    }
    gemm.matmulF32(
        new Gemm.MatmulShape(rows, k, n, true),
        a,
        0,
        k,
        weights.segment(),
        firstWeight,
        k,
        1,
        epilogue,
        scratch,
        0,
        c,
        cOffset,
        cStride);
  }
}
