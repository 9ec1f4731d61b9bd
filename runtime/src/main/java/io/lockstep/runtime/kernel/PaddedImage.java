package io.lockstep.runtime.kernel;

import java.lang.foreign.MemorySegment;

/**
 * Copies of images [height, width, channels] with a frame around them, so that every window lies
 * inside.
 *
 * @param elementBytes bytes of an element
 * @param pieceLength elements of a piece of a window that products read: its own and, where they
 *     need a multiple of something, a few of its neighbours, whose weights are zero
 */
record PaddedImage(ConvGeometry g, int elementBytes, int pieceLength) {

  /** Rows of an image that are worth another thread, in bytes. */
  private static final int THREAD_WORK = 1 << 18;

  /** Pixels of a row that an image without rows is cut into. */
  private static final int MOST_COLUMNS = 84;

  private static final int LEAST_COLUMNS = 14;

  /** Images whose windows are read as they are. */
  static PaddedImage of(ConvGeometry g, int elementBytes) {
    return new PaddedImage(g, elementBytes, pieceLength(g));
  }

  /** Elements of a window that are neighbours: a row's, or with gaps between them a pixel's. */
  static int pieceLength(ConvGeometry g) {
    return g.kernelWidth() / linePieces(g) * g.channels();
  }

  private static int linePieces(ConvGeometry g) {
    return g.dilationWidth() == 1 ? 1 : g.kernelWidth();
  }

  /** Whether the image has to be copied at all. */
  boolean isFramed() {
    return height() != g.height() || width() != g.width() || surplus() > 0;
  }

  /** Elements behind a window's row that are read with it. */
  private int surplus() {
    return pieceLength - pieceLength(g);
  }

  /** Rows down to the last that a window reaches. */
  private int height() {
    int reach =
        (g.outputHeight() - 1) * g.strideHeight() + reach(g.kernelHeight(), g.dilationHeight());
    return Math.max(reach, g.padTop() + g.height());
  }

  /** Columns up to the last that a window reaches. */
  int width() {
    int reach = (g.outputWidth() - 1) * g.strideWidth() + reach(g.kernelWidth(), g.dilationWidth());
    return Math.max(reach, g.padLeft() + g.width());
  }

  private static int reach(int kernel, int dilation) {
    return (kernel - 1) * dilation + 1;
  }

  /** The windows of a framed image, or of the image itself where no frame is needed. */
  WindowGemm.Windows windows() {
    if (g.isPointwise()) {
      return pixels();
    }
    int row = width() * g.channels();
    int linePieces = linePieces(g);
    return new WindowGemm.Windows(
        g.outputHeight(),
        g.outputWidth(),
        (long) row * g.strideHeight(),
        g.channels() * g.strideWidth(),
        g.kernelHeight() * linePieces,
        pieceLength,
        linePieces,
        g.channels() * g.dilationWidth(),
        (long) row * g.dilationHeight());
  }

  /** Pixels, in rows that tiles divide well. */
  private WindowGemm.Windows pixels() {
    int columns = Math.min(g.outputSize(), MOST_COLUMNS);
    while (g.outputSize() % columns != 0) {
      columns--;
    }
    if (columns < LEAST_COLUMNS) {
      columns = g.outputSize();
    }
    return new WindowGemm.Windows(
        g.outputSize() / columns,
        columns,
        (long) columns * g.channels(),
        g.channels(),
        1,
        g.channels(),
        1,
        0,
        0);
  }

  private long rowBytes() {
    return (long) width() * g.channels() * elementBytes;
  }

  /** Bytes of one copy; 0 where none is needed. */
  long bytes() {
    return isFramed() ? copyBytes() : 0;
  }

  /** Bytes of one copy, whether it is needed or not. */
  long copyBytes() {
    return height() * rowBytes() + (long) surplus() * elementBytes;
  }

  /** Copies the pixels of a row of the image. */
  @FunctionalInterface
  private interface RowCopy {
    void run(int row, long toByte);
  }

  /**
   * Copies one image.
   *
   * @param xByte where it starts
   * @param padding every byte of the frame
   * @param to at least {@link #bytes}
   */
  void copy(MemorySegment x, long xByte, byte padding, MemorySegment to, ComputePool pool) {
    long inside = (long) g.width() * g.channels() * elementBytes;
    frame(
        padding,
        to,
        pool,
        (row, toByte) -> MemorySegment.copy(x, xByte + row * inside, to, toByte, inside));
  }

  /**
   * Copies one image whose channels come first, framed by zeros; also where no frame is needed.
   *
   * @param x [channels, height, width] at {@code xByte}
   * @param to at least {@link #copyBytes}
   */
  void copyPlanes(MemorySegment x, long xByte, MemorySegment to, Copies copies, ComputePool pool) {
    long line = (long) g.width() * elementBytes;
    frame(
        (byte) 0,
        to,
        pool,
        (row, toByte) ->
            copies.transpose(
                elementBytes,
                g.channels(),
                g.width(),
                x,
                xByte + row * line,
                g.height() * line,
                to,
                toByte,
                (long) g.channels() * elementBytes));
  }

  private void frame(byte padding, MemorySegment to, ComputePool pool, RowCopy copy) {
    long pixel = (long) g.channels() * elementBytes;
    long left = g.padLeft() * pixel;
    long inside = g.width() * pixel;
    long rowBytes = rowBytes();
    pool.parallelFor(
        height(),
        (int) Math.max(1, THREAD_WORK / rowBytes),
        (from, until) -> {
          for (int row = from; row < until; row++) {
            long at = row * rowBytes;
            int source = row - g.padTop();
            if (source < 0 || source >= g.height()) {
              to.asSlice(at, rowBytes).fill(padding);
              continue;
            }
            to.asSlice(at, left).fill(padding);
            copy.run(source, at + left);
            to.asSlice(at + left + inside, rowBytes - left - inside).fill(padding);
          }
        });
  }
}
