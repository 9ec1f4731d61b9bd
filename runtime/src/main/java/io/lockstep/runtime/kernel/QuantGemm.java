package io.lockstep.runtime.kernel;

import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Matrix products of 8-bit integers, accumulated exactly in 32 bits: the integers are the same on
 * every backend. Offsets and strides count elements.
 */
public interface QuantGemm {

  /**
   * Packs a constant right-hand side.
   *
   * @param b INT8 or UINT8 [k, n], or [n, k] when {@code transposed}
   * @param zeroPoint of b's type, scalar or [n]; null for 0
   */
  PackedQuantMatrix pack(
      Tensor b, boolean transposed, @Nullable Tensor zeroPoint, TensorArena owner);

  /**
   * c = (a - aZeroPoint) (b - bZeroPoint), exact modulo 2^32.
   *
   * @param a bytes [rows, b.k]
   * @param aSigned whether the bytes of a are signed
   * @param aZeroPoints int32 [rows], the zero point of each row
   * @param workspace at least {@link #workspaceBytes} bytes
   * @param c int32 [rows, b.n]
   */
  void gemmI32(
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
      ComputePool pool);

  /**
   * c = epilogue((a - aZeroPoint) (b - bZeroPoint) aScale bScale): the integers of {@link #gemmI32}
   * converted to float, times (aScale[row] bScale[column]) rounded to float first.
   *
   * @param aScales float [rows]
   * @param bScales float [b.n]
   * @param c float [rows, b.n]
   */
  void gemmF32(
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
      ComputePool pool);

  /** Scratch bytes that a product of so many rows needs. */
  long workspaceBytes(int rows, PackedQuantMatrix b);
}
