package io.lockstep.runtime.kernel.scalar;

import static io.lockstep.runtime.kernel.scalar.Floats.get;
import static io.lockstep.runtime.kernel.scalar.Floats.set;

import io.lockstep.runtime.kernel.ComputePool;
import io.lockstep.runtime.kernel.Epilogue;
import io.lockstep.runtime.kernel.Gemm;
import io.lockstep.runtime.kernel.PackedMatrix;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorArena;
import java.lang.foreign.MemorySegment;

/** Matrix products, one element after the other. Packed: float [k, n] row-major. */
final class ScalarGemm implements Gemm {

  private final ScalarElementwise elementwise;

  ScalarGemm(ScalarElementwise elementwise) {
    this.elementwise = elementwise;
  }

  @Override
  public PackedMatrix pack(Tensor b, boolean transposed, TensorArena owner) {
    int k = b.shape().extent(transposed ? 1 : 0);
    int n = b.shape().extent(transposed ? 0 : 1);
    MemorySegment data = owner.allocateBytes((long) k * n * Float.BYTES);
    for (int row = 0; row < k; row++) {
      for (int column = 0; column < n; column++) {
        long from = transposed ? (long) column * k + row : (long) row * n + column;
        set(data, (long) row * n + column, b.getFloat(from));
      }
    }
    return new PackedMatrix(k, n, data);
  }

  @Override
  public void gemmF32(
      int rows,
      MemorySegment a,
      long aOffset,
      int aStride,
      PackedMatrix b,
      Epilogue epilogue,
      MemorySegment c,
      long cOffset,
      int cStride,
      ComputePool pool) {
    matmulF32(
        new MatmulShape(rows, b.k(), b.n(), false),
        a,
        aOffset,
        aStride,
        b.data(),
        0,
        b.n(),
        1,
        epilogue,
        MemorySegment.NULL,
        0,
        c,
        cOffset,
        cStride);
  }

  @Override
  public void matmulF32(
      MatmulShape shape,
      MemorySegment a,
      long aOffset,
      int aStride,
      MemorySegment b,
      long bOffset,
      int bStride,
      float alpha,
      Epilogue epilogue,
      MemorySegment workspace,
      long workspaceOffsetBytes,
      MemorySegment c,
      long cOffset,
      int cStride) {
    for (int row = 0; row < shape.rows(); row++) {
      long cRow = cOffset + (long) row * cStride;
      for (int column = 0; column < shape.n(); column++) {
        float sum = 0;
        for (int k = 0; k < shape.k(); k++) {
          long at = shape.transposedB() ? (long) column * bStride + k : (long) k * bStride + column;
          sum = Math.fma(get(a, aOffset + (long) row * aStride + k), get(b, bOffset + at), sum);
        }
        float scaled = alpha == 1 ? sum : alpha * sum;
        MemorySegment bias = epilogue.bias();
        float biased = bias == null ? scaled : scaled + get(bias, column);
        MemorySegment residual = epilogue.residual();
        set(c, cRow + column, residual == null ? biased : biased + get(residual, cRow + column));
      }
      elementwise.unary(epilogue.activation(), c, cRow, c, cRow, shape.n());
    }
  }

  @Override
  public long matmulWorkspaceBytes(MatmulShape shape) {
    return 0;
  }
}
