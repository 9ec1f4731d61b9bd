package io.lockstep.runtime.kernel;

import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * A constant right-hand matrix of 8-bit integers while it is packed: its elements as signed bytes,
 * with the zero points and sums that go with its columns.
 */
public final class QuantColumns {

  private static final int UNSIGNED_SHIFT = 128;

  private final MemorySegment b;
  private final boolean transposed;
  private final int shift;
  private final int k;
  private final int n;
  private final MemorySegment columnSums;
  private final MemorySegment zeroPoints;

  private QuantColumns(Tensor b, boolean transposed, int k, int n, TensorArena owner) {
    this.b = b.segment();
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
      columns.zeroPoints.setAtIndex(ValueLayout.JAVA_INT, column, -columns.shift);
    }
    if (zeroPoint != null) {
      columns.addZeroPoints(zeroPoint);
    }
    return columns;
  }

  private void addZeroPoints(Tensor own) {
    boolean isShared = own.size() == 1;
    int shared = (int) own.asLong(0);
    for (int column = 0; column < n; column++) {
      int zero = isShared ? shared : (int) own.asLong(column);
      zeroPoints.setAtIndex(ValueLayout.JAVA_INT, column, zero - shift);
    }
  }

  /** Of each column, read in the order of memory. */
  private int[] sums() {
    int[] sums = new int[n];
    for (int outer = 0; outer < (transposed ? n : k); outer++) {
      for (int inner = 0; inner < (transposed ? k : n); inner++) {
        int column = transposed ? outer : inner;
        sums[column] += element(transposed ? inner : outer, column);
      }
    }
    return sums;
  }

  public int k() {
    return k;
  }

  public int n() {
    return n;
  }

  /**
   * An element as a signed byte; unsigned ones are shifted by -128, which turns their highest bit
   * around, as is their zero point.
   */
  public int element(int row, int column) {
    long at = transposed ? (long) column * k + row : (long) row * n + column;
    return (byte) (b.get(ValueLayout.JAVA_BYTE, at) ^ shift);
  }

  /** The matrix as it came: bytes [k, n], or [n, k] when transposed. */
  public MemorySegment elements() {
    return b;
  }

  public boolean isTransposed() {
    return transposed;
  }

  /** What turns a byte of the matrix into a signed one with exclusive or: 128, or 0. */
  public int flip() {
    return shift;
  }

  /** int32 [n], for whoever packs to fill, with sums of signed bytes. */
  public MemorySegment columnSums() {
    return columnSums;
  }

  /** int32 [n], shifted as the elements are. */
  public MemorySegment zeroPoints() {
    return zeroPoints;
  }

  /** Sums the columns, for backends that do not do so while they pack. */
  public void sum() {
    int[] sums = sums();
    for (int column = 0; column < n; column++) {
      columnSums.setAtIndex(ValueLayout.JAVA_INT, column, sums[column]);
    }
  }

  /** The packed matrix, given its elements in a backend's layout and its columns summed. */
  public PackedQuantMatrix packed(MemorySegment data) {
    return new PackedQuantMatrix(k, n, data, columnSums, zeroPoints);
  }
}
