package io.lockstep.runtime.kernel;

import io.lockstep.runtime.quant.BlockFormat;
import java.lang.foreign.MemorySegment;

/**
 * A constant matrix [n, k] stored in blocks along its rows.
 *
 * @param format how k elements of a row are stored
 * @param n rows of the matrix, columns of a product with it
 * @param k elements of a row, whole blocks of the format
 * @param data the rows one after the other, or what a kernel packed of them
 * @param isPacked whether a kernel has packed the matrix for itself
 */
public record BlockMatrix(BlockFormat format, int n, int k, MemorySegment data, boolean isPacked) {

  /** A matrix as files store it. */
  public BlockMatrix(BlockFormat format, int n, int k, MemorySegment data) {
    this(format, n, k, data, false);
  }

  /** Bytes of a row of a matrix that is not packed. */
  public long rowBytes() {
    return format.bytes(k);
  }
}
