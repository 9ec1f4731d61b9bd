package io.lockstep.runtime.kernel;

import io.lockstep.runtime.kernel.WindowGemm.Windows;
import java.lang.foreign.MemorySegment;

/**
 * Products of 8-bit integers whose left-hand rows are windows of an image, read where they lie and
 * brought to 8 bits at once. The integers are those of {@link QuantGemm}.
 */
public interface QuantWindowGemm {

  /** Whether windows with such pieces can be read in place, and b was packed for that. */
  boolean takes(int pieceLength, PackedQuantMatrix b);

  /** Scratch bytes of a product. */
  long workspaceBytes(PackedQuantMatrix b);

  /**
   * c = requantized (a - aZeroPoint) (b - bZeroPoint).
   *
   * @param a unsigned bytes, at {@code aOffset} the first window
   * @param workspace at least {@link #workspaceBytes} bytes
   * @param c bytes [windows.rows, windows.columns, cStride], of which the first b.n columns are set
   */
  void windowsQ8(
      Windows windows,
      MemorySegment a,
      long aOffset,
      int aZeroPoint,
      PackedQuantMatrix b,
      Requantization requantization,
      MemorySegment workspace,
      MemorySegment c,
      long cOffset,
      int cStride,
      ComputePool pool);
}
