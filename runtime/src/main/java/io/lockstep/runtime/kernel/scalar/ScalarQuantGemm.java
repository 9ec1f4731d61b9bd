package io.lockstep.runtime.kernel.scalar;

import static io.lockstep.runtime.kernel.scalar.Floats.get;
import static io.lockstep.runtime.kernel.scalar.Floats.getByte;
import static io.lockstep.runtime.kernel.scalar.Floats.getInt;
import static io.lockstep.runtime.kernel.scalar.Floats.set;
import static io.lockstep.runtime.kernel.scalar.Floats.setInt;

import io.lockstep.runtime.kernel.ComputePool;
import io.lockstep.runtime.kernel.Epilogue;
import io.lockstep.runtime.kernel.PackedQuantMatrix;
import io.lockstep.runtime.kernel.QuantColumns;
import io.lockstep.runtime.kernel.QuantGemm;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/** Products of 8-bit integers, one element after the other. Packed: bytes [k, n] row-major. */
final class ScalarQuantGemm implements QuantGemm {

  private final ScalarElementwise elementwise;

  ScalarQuantGemm(ScalarElementwise elementwise) {
    this.elementwise = elementwise;
  }

  @Override
  public PackedQuantMatrix pack(
      Tensor b, boolean transposed, @Nullable Tensor zeroPoint, TensorArena owner) {
    QuantColumns columns = QuantColumns.of(b, transposed, zeroPoint, owner);
    columns.sum();
    MemorySegment data = owner.allocateBytes((long) columns.k() * columns.n());
    for (int k = 0; k < columns.k(); k++) {
      for (int n = 0; n < columns.n(); n++) {
        Floats.setByte(data, (long) k * columns.n() + n, columns.element(k, n));
      }
    }
    return columns.packed(data);
  }

  @Override
  public void gemmI32(
      int rows,
      MemorySegment a,
      long aOffset,
      int aStride,
      boolean aSigned,
      MemorySegment aZeroPoints,
      PackedQuantMatrix b,
      MemorySegment workspace,
      MemorySegment c,
      long cOffset,
      int cStride,
      ComputePool pool) {
    for (int row = 0; row < rows; row++) {
      long aRow = aOffset + (long) row * aStride;
      for (int n = 0; n < b.n(); n++) {
        int sum = dot(a, aRow, aSigned, getInt(aZeroPoints, row), b, n);
        setInt(c, cOffset + (long) row * cStride + n, sum);
      }
    }
  }

  @Override
  public void gemmF32(
      int rows,
      MemorySegment a,
      long aOffset,
      int aStride,
      boolean aSigned,
      MemorySegment aZeroPoints,
      MemorySegment aScales,
      PackedQuantMatrix b,
      MemorySegment bScales,
      Epilogue epilogue,
      MemorySegment workspace,
      MemorySegment c,
      long cOffset,
      int cStride,
      ComputePool pool) {
    for (int row = 0; row < rows; row++) {
      long aRow = aOffset + (long) row * aStride;
      long cRow = cOffset + (long) row * cStride;
      for (int n = 0; n < b.n(); n++) {
        float scale = get(aScales, row) * get(bScales, n);
        float value = dot(a, aRow, aSigned, getInt(aZeroPoints, row), b, n) * scale;
        MemorySegment bias = epilogue.bias();
        float biased = bias == null ? value : value + get(bias, n);
        MemorySegment residual = epilogue.residual();
        set(c, cRow + n, residual == null ? biased : biased + get(residual, cRow + n));
      }
      elementwise.unary(epilogue.activation(), c, cRow, c, cRow, b.n());
    }
  }

  private static int dot(
      MemorySegment a, long aRow, boolean aSigned, int aZero, PackedQuantMatrix b, int n) {
    int bZero = getInt(b.zeroPoints(), n);
    int sum = 0;
    for (int k = 0; k < b.k(); k++) {
      int left = getByte(a, aRow + k, aSigned) - aZero;
      sum += left * (getByte(b.data(), (long) k * b.n() + n, true) - bZero);
    }
    return sum;
  }

  @Override
  public long workspaceBytes(int rows, PackedQuantMatrix b) {
    return 0;
  }
}
