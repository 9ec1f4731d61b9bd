package io.lockstep.runtime.kernel;

import io.lockstep.runtime.kernel.WindowGemm.Windows;
import java.lang.foreign.MemorySegment;

/**
 * A convolution of images of which those that enter or leave have their channels first, as they do
 * where a model begins and ends. An image that enters is turned while it gets its frame; the result
 * is computed in bands of rows that stay in the cache until they are turned. Bits are those of a
 * convolution of turned images.
 */
public final class PlanarConv {

  /** Results of a band; the second-level cache has room for them beside weights and windows. */
  private static final long BAND_BYTES = 128 << 10;

  /** A cache line of floats. */
  private static final int GAP = 16;

  /**
   * A stride that is a multiple of so many elements brings neighbours into the same cache lines.
   */
  private static final int COLLIDING = 512;

  private final WindowGemm products;
  private final Copies copies;
  private final ConvGeometry g;
  private final Planes planes;
  private final PackedMatrix filters;
  private final PaddedImage padded;

  /** Which images have their channels first: [channels, height, width]. */
  public record Planes(boolean x, boolean y) {}

  PlanarConv(
      WindowGemm products,
      Copies copies,
      ConvGeometry geometry,
      Planes planes,
      PackedMatrix filters) {
    this.products = products;
    this.copies = copies;
    this.g = geometry;
    this.planes = planes;
    this.filters = filters;
    this.padded = PaddedImage.of(geometry, Float.BYTES);
  }

  /** Bytes of scratch memory for a pool of up to so many threads. */
  public long workspaceBytes(int threads) {
    return imageBytes() + (planes.y ? threads * bandBytes() : 0);
  }

  private long imageBytes() {
    long bytes = planes.x ? padded.copyBytes() : padded.bytes();
    return Math.ceilDiv(bytes, 64L) * 64;
  }

  private long bandBytes() {
    Windows windows = padded.windows();
    return (long) mostRows(windows) * windows.columns() * bandStride() * Float.BYTES;
  }

  /** Floats from a pixel of a band to the next. */
  private int bandStride() {
    return g.filters() % COLLIDING == 0 ? g.filters() + GAP : g.filters();
  }

  private int mostRows(Windows windows) {
    long row = (long) windows.columns() * bandStride() * Float.BYTES;
    return Math.clamp(BAND_BYTES / Math.max(1, row), 1, Math.max(1, windows.rows()));
  }

  /**
   * y = epilogue(conv(x)), image by image.
   *
   * @param epilogue its residual, of y's shape, only where y has its channels last
   * @param workspace at least {@link #workspaceBytes} bytes
   */
  public void run(
      int images,
      MemorySegment x,
      Epilogue epilogue,
      MemorySegment workspace,
      MemorySegment y,
      ComputePool pool) {
    if (planes.y && epilogue.residual() != null) {
      throw new IllegalArgumentException("a residual of an image whose channels come first");
    }
    for (int image = 0; image < images; image++) {
      long from = (long) image * g.inputSize() * g.channels();
      boolean isCopied = planes.x || padded.isFramed();
      if (planes.x) {
        padded.copyPlanes(x, from * Float.BYTES, workspace, copies, pool);
      } else if (isCopied) {
        padded.copy(x, from * Float.BYTES, (byte) 0, workspace, pool);
      }
      MemorySegment a = isCopied ? workspace : x;
      long aOffset = isCopied ? 0 : from;
      long yOffset = (long) image * g.outputSize() * g.filters();
      if (planes.y) {
        bands(a, aOffset, epilogue, workspace, y, yOffset, pool);
      } else {
        products.windowsF32(
            padded.windows(), a, aOffset, filters, epilogue, y, yOffset, g.filters(), pool);
      }
    }
  }

  private void bands(
      MemorySegment a,
      long aOffset,
      Epilogue epilogue,
      MemorySegment workspace,
      MemorySegment y,
      long yOffset,
      ComputePool pool) {
    Windows windows = padded.windows();
    int threads = pool.threads();
    int bands = Math.ceilDiv(windows.rows(), mostRows(windows));
    int rows = Math.ceilDiv(windows.rows(), Math.ceilDiv(bands, threads) * threads);
    int units = Math.ceilDiv(windows.rows(), Math.max(1, rows));
    SlotLoop.run(
        pool,
        Math.min(threads, units),
        units,
        (unit, slot) -> {
          int first = unit * rows;
          int count = Math.min(rows, windows.rows() - first);
          long band = imageBytes() + slot * bandBytes();
          products.windowsF32(
              windows.withRows(count),
              a,
              aOffset + first * windows.rowStride(),
              filters,
              epilogue,
              workspace,
              band / Float.BYTES,
              bandStride(),
              ComputePool.CALLER);
          copies.transpose(
              Float.BYTES,
              count * windows.columns(),
              g.filters(),
              workspace,
              band,
              (long) bandStride() * Float.BYTES,
              y,
              (yOffset + (long) first * windows.columns()) * Float.BYTES,
              (long) g.outputSize() * Float.BYTES);
        });
  }
}
