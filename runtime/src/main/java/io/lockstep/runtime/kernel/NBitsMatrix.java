package io.lockstep.runtime.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A constant matrix [n, k] of small unsigned integers, quantised in blocks along its rows: an
 * element stands for (integer - zero point) * scale.
 *
 * @param n rows of the matrix, columns of a product with it
 * @param k elements of a row
 * @param codes the integers [n, blocks, block bytes], the lowest bits of a byte first; or what a
 *     kernel packed of the whole matrix
 * @param scales float [n, blocks]; empty in a packed matrix
 * @param zeros float [n, blocks]; empty in a packed matrix and where blocks have none
 * @param isPacked whether a kernel has laid the matrix out for itself
 */
public record NBitsMatrix(
    NBitsFormat format,
    int n,
    int k,
    MemorySegment codes,
    MemorySegment scales,
    MemorySegment zeros,
    boolean isPacked) {

  /** A matrix as files store it. */
  public NBitsMatrix(
      NBitsFormat format,
      int n,
      int k,
      MemorySegment codes,
      MemorySegment scales,
      MemorySegment zeros) {
    this(format, n, k, codes, scales, zeros, false);
  }

  /** Blocks of a row. */
  public int blocks() {
    return format.blocks(k);
  }

  /** Scale of a block of a matrix that is not packed. */
  public float scale(int row, int block) {
    return scales.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, (long) row * blocks() + block);
  }

  /** Zero point of a block of a matrix that is not packed. */
  public float zero(int row, int block) {
    return format.hasZeros()
        ? zeros.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, (long) row * blocks() + block)
        : format.zero();
  }

  /** Where the integers of a block of a matrix that is not packed are, in bytes. */
  public long blockAt(int row, int block) {
    return ((long) row * blocks() + block) * format.blockBytes();
  }

  /** Row {@code row} of a matrix that is not packed as float [k] from {@code to} on. */
  public void decode(int row, float[] target, int to) {
    int bits = format.bits();
    int mask = (1 << bits) - 1;
    for (int block = 0; block < blocks(); block++) {
      float scale = scale(row, block);
      float zero = zero(row, block);
      long at = blockAt(row, block);
      int first = block * format.blockSize();
      int count = Math.min(format.blockSize(), k - first);
      for (int i = 0; i < count; i++) {
        int bit = i * bits;
        byte stored = codes.get(ValueLayout.JAVA_BYTE, at + bit / Byte.SIZE);
        int code = (stored >> (bit % Byte.SIZE)) & mask;
        target[to + first + i] = (code - zero) * scale;
      }
    }
  }
}
