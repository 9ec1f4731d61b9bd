package io.lockstep.runtime.kernel;

import io.lockstep.runtime.tensor.TensorArena;
import java.lang.foreign.MemorySegment;

/**
 * Products of floats with matrices of small integers that are quantised in blocks. Activations stay
 * floats unless the format allows to round them; a kernel may multiply them with a block's integers
 * less their zero point, and the sum with the scale. The order in which an element is summed
 * depends on k alone, so that a row's result never depends on other rows or on threads. Offsets and
 * strides count elements.
 */
public interface NBitsGemm {

  /** The matrix as this kernel reads it fastest, in memory of {@code owner} altogether. */
  default NBitsMatrix pack(NBitsMatrix w, TensorArena owner, ComputePool pool) {
    return new NBitsMatrix(
        w.format(),
        w.n(),
        w.k(),
        copy(w.codes(), owner),
        copy(w.scales(), owner),
        copy(w.zeros(), owner));
  }

  private static MemorySegment copy(MemorySegment source, TensorArena owner) {
    return owner.allocateBytes(source.byteSize()).copyFrom(source);
  }

  /**
   * c[rows, n] = a[rows, k] x w[n, k] transposed.
   *
   * @param rows rows of a and c; any number, 0 included
   * @param a float, rows {@code aStride} apart
   * @param w as {@link #pack} made it
   * @param c float, rows {@code cStride} apart
   */
  void gemm(
      int rows,
      MemorySegment a,
      long aOffset,
      int aStride,
      NBitsMatrix w,
      MemorySegment c,
      long cOffset,
      int cStride,
      ComputePool pool);
}
