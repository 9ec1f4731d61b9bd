package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.ComputePool;
import io.lockstep.runtime.kernel.jit.TileShape.Product;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The left-hand rows of an 8-bit product as tiles read them: unsigned bytes, or 16-bit integers
 * less their zero point, each row filled up with zeros to whole lanes or tiles; with their zero
 * points and, if wanted, their sums.
 *
 * @param rowsAddress where the first row is: in the workspace, or in place when it can be
 * @param rowBytes from one row to the next
 * @param zeros int32 [rows], the address; bytes only
 * @param sums int32 [rows], the address; 0 when not wanted
 */
record StagedRows(long rowsAddress, long rowBytes, long zeros, long sums) {

  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
  private static final long SIGN_BITS = 0x8080808080808080L;
  private static final int SIGN_SHIFT = 128;

  /** Elements that are worth another thread. */
  private static final int THREAD_WORK = 65_536;

  /** Bytes whose eight sums of pairs each fit 16 bits: 128 times 2 times 255. */
  private static final int SUM_BLOCK = 1024;

  /**
   * The rows of one product.
   *
   * @param aSigned whether bytes are signed
   */
  record Source(int rows, int k, MemorySegment a, long aOffset, int aStride, boolean aSigned) {}

  /**
   * How rows are staged.
   *
   * @param depth elements that rows are filled up to whole multiples of
   */
  record Filling(Product product, int depth) {

    long workspaceBytes(int rows, int k) {
      return rows * (rowBytes(k) + 2L * Integer.BYTES);
    }

    private long rowBytes(int k) {
      return (long) product.steps(Math.ceilDiv(k, depth) * depth) * Integer.BYTES;
    }
  }

  /** Prepares rows in the workspace. */
  static StagedRows of(
      Filling filling,
      Source source,
      MemorySegment zeroPoints,
      boolean withSums,
      MemorySegment workspace,
      ComputePool pool) {
    Product product = filling.product;
    int rows = source.rows;
    long rowBytes = filling.rowBytes(source.k);
    long zerosAt = rows * rowBytes;
    long sumsAt = zerosAt + (long) rows * Integer.BYTES;
    Addresses.of(workspace, 0, filling.workspaceBytes(rows, source.k));
    long a = Addresses.ofRows(source.a, source.aOffset, rows, source.aStride, source.k, 1);
    boolean inPlace = product == Product.BYTES && !source.aSigned && source.k % filling.depth == 0;
    pool.parallelFor(
        rows,
        Math.max(1, THREAD_WORK / Math.max(1, source.k)),
        (from, to) -> {
          for (int row = from; row < to; row++) {
            long at = source.aOffset + (long) row * source.aStride;
            int zero = zeroPoints.get(INT, (long) row * Integer.BYTES);
            MemorySegment staged = workspace;
            long stagedAt = row * rowBytes;
            if (product == Product.WORDS) {
              widen(source, at, zero, workspace, row * rowBytes, rowBytes);
            } else if (inPlace) {
              staged = source.a;
              stagedAt = at;
            } else {
              copy(source, at, workspace, row * rowBytes, rowBytes);
            }
            int unsignedZero = zero + (source.aSigned ? SIGN_SHIFT : 0);
            workspace.set(INT, zerosAt + (long) row * Integer.BYTES, unsignedZero);
            if (withSums) {
              int sum = sum(staged, stagedAt, source.k);
              workspace.set(INT, sumsAt + (long) row * Integer.BYTES, sum);
            }
          }
        });
    return new StagedRows(
        inPlace ? a : workspace.address(),
        inPlace ? source.aStride : rowBytes,
        workspace.address() + zerosAt,
        withSums ? workspace.address() + sumsAt : 0);
  }

  /** One row as unsigned bytes. */
  private static void copy(Source source, long at, MemorySegment to, long target, long rowBytes) {
    int k = source.k;
    int i = 0;
    long flip = source.aSigned ? SIGN_BITS : 0;
    for (; i <= k - Long.BYTES; i += Long.BYTES) {
      to.set(LONG, target + i, source.a.get(LONG, at + i) ^ flip);
    }
    for (; i < k; i++) {
      byte value = source.a.get(ValueLayout.JAVA_BYTE, at + i);
      to.set(ValueLayout.JAVA_BYTE, target + i, (byte) (value ^ flip));
    }
    for (; i < rowBytes; i++) {
      to.set(ValueLayout.JAVA_BYTE, target + i, (byte) 0);
    }
  }

  /** One row as 16-bit integers less the zero point. */
  private static void widen(
      Source source, long at, int zero, MemorySegment to, long target, long rowBytes) {
    int mask = source.aSigned ? -1 : 0xff;
    int i = 0;
    for (; i < source.k; i++) {
      int value = (source.a.get(ValueLayout.JAVA_BYTE, at + i) & mask) - zero;
      to.set(SHORT, target + (long) i * Short.BYTES, (short) value);
    }
    for (; (long) i * Short.BYTES < rowBytes; i++) {
      to.set(SHORT, target + (long) i * Short.BYTES, (short) 0);
    }
  }

  /** The sum of unsigned bytes, eight at a time. */
  private static int sum(MemorySegment bytes, long at, int count) {
    long pairs = 0x00ff00ff00ff00ffL;
    int sum = 0;
    int i = 0;
    while (i <= count - Long.BYTES) {
      long sums = 0;
      int end = Math.min(count - Long.BYTES + 1, i + SUM_BLOCK);
      for (; i < end; i += Long.BYTES) {
        long value = bytes.get(LONG, at + i);
        sums += (value & pairs) + (value >>> 8 & pairs);
      }
      sum += (int) ((sums & 0xffff) + (sums >>> 16 & 0xffff));
      sum += (int) ((sums >>> 32 & 0xffff) + (sums >>> 48));
    }
    for (; i < count; i++) {
      sum += Byte.toUnsignedInt(bytes.get(ValueLayout.JAVA_BYTE, at + i));
    }
    return sum;
  }
}
