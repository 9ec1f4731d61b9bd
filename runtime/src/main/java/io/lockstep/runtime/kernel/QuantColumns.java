package io.lockstep.runtime.kernel;

import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * A constant right-hand matrix of 8-bit integers while it is packed: its elements as signed bytes,
 * with the sums and zero points that go with its columns.
 */
public final class QuantColumns {

  private static final int UNSIGNED_SHIFT = 128;

  private final Tensor b;
  private final boolean transposed;
  private final int shift;
  private final int k;
  private final int n;
  private final MemorySegment columnSums;
  private final MemorySegment zeroPoints;

  private QuantColumns(Tensor b, boolean transposed, int k, int n, TensorArena owner) {
    this.b = b;
    this.transposed = transposed;
    this.shift = b.dtype() == DType.UINT8 ? UNSIGNED_SHIFT : 0;
    this.k = k;
    this.n = n;
    this.columnSums = owner.allocateBytes((long) n * Integer.BYTES);
    this.zeroPoints = owner.allocateBytes((long) n * Integer.BYTES);
  }

  /**
   * Reads a matrix.
   *
   * @param b INT8 or UINT8 [k, n], or [n, k] when {@code transposed}
   * @param zeroPoint of b's type, scalar or [n]; null for 0
   */
  public static QuantColumns of(
      Tensor b, boolean transposed, @Nullable Tensor zeroPoint, TensorArena owner) {
    int k = b.shape().extent(transposed ? 1 : 0);
    int n = b.shape().extent(transposed ? 0 : 1);
    QuantColumns columns = new QuantColumns(b, transposed, k, n, owner);
    for (int column = 0; column < n; column++) {
      int sum = 0;
      for (int row = 0; row < k; row++) {
        sum += columns.element(row, column);
      }
      int zero = zeroPoint == null ? 0 : (int) zeroPoint.asLong(zeroPoint.size() == 1 ? 0 : column);
      columns.columnSums.setAtIndex(ValueLayout.JAVA_INT, column, sum);
      columns.zeroPoints.setAtIndex(ValueLayout.JAVA_INT, column, zero - columns.shift);
    }
    return columns;
  }

  public int k() {
    return k;
  }

  public int n() {
    return n;
  }

  /** An element as a signed byte; unsigned ones are shifted by -128, as is their zero point. */
  public int element(int row, int column) {
    long at = transposed ? (long) column * k + row : (long) row * n + column;
    return (int) b.asLong(at) - shift;
  }

  /** The packed matrix, given its elements in a backend's layout. */
  public PackedQuantMatrix packed(MemorySegment data) {
    return new PackedQuantMatrix(k, n, data, columnSums, zeroPoints);
  }
}
