package io.lockstep.runtime.kernel;

import io.lockstep.runtime.quant.BlockFormat;
import java.lang.foreign.MemorySegment;

/**
 * A constant matrix [n, k] stored in blocks along its rows, read where it is.
 *
 * @param format how k elements of a row are stored
 * @param n rows of the matrix, columns of a product with it
 * @param k elements of a row, whole blocks of the format
 * @param data the rows one after the other
 */
public record BlockMatrix(BlockFormat format, int n, int k, MemorySegment data) {

  /** Bytes of a row. */
  public long rowBytes() {
    return format.bytes(k);
  }
}
