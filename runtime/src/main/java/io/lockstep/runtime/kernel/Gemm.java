package io.lockstep.runtime.kernel;

import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorArena;
import java.lang.foreign.MemorySegment;

/**
 * Matrix products of floats. An element is the sum over k in ascending order, in one accumulator
 * (or one for each fixed-size block of k), so that it depends on nothing but its row, its column
 * and k. Appending zeros to the reduction does not change it. Offsets and strides count elements.
 */
public interface Gemm {

  /**
   * Packs a constant right-hand side.
   *
   * @param b float [k, n], or [n, k] when {@code transposed}
   */
  PackedMatrix pack(Tensor b, boolean transposed, TensorArena owner);

  /**
   * c = epilogue(a b).
   *
   * @param rows rows of a and c; any number, 0 included
   * @param a float [rows, b.k]
   * @param aStride elements between the rows of a
   * @param c float [rows, b.n]
   * @param cStride elements between the rows of c
   */
  void gemmF32(
      int rows,
      MemorySegment a,
      long aOffset,
      int aStride,
      PackedMatrix b,
      Epilogue epilogue,
      MemorySegment c,
      long cOffset,
      int cStride,
      ComputePool pool);

  /**
   * c = epilogue(alpha a b) for two operands that are not constant; runs on the calling thread, so
   * that callers split batches of such products.
   *
   * @param shape rows, k, n and whether b is [n, k]
   * @param a float [rows, k]
   * @param b float [k, n], or [n, k] when {@code shape.transposedB()}
   * @param epilogue its bias, if any, is per column
   * @param workspace at least {@link #matmulWorkspaceBytes} bytes
   * @param c float [rows, n]
   */
  void matmulF32(
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
      int cStride);

  /** Scratch bytes that one {@link #matmulF32} of this shape needs. */
  long matmulWorkspaceBytes(MatmulShape shape);

  /** The extents of a product [rows, k] x [k, n]. */
  record MatmulShape(int rows, int k, int n, boolean transposedB) {}
}
