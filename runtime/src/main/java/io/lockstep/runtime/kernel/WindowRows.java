package io.lockstep.runtime.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Lays the windows of images [height, width, channels] out as rows [pixel, kernelHeight *
 * kernelWidth * channels], the left-hand side of the product that a convolution is ("im2col").
 */
final class WindowRows {

  /** Runs up to so many bytes are copied by a loop, which beats a call of the copy routine. */
  private static final int SHORT_RUN = 48;

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;

  private final ConvGeometry g;
  private final int pixelBytes;
  private final int firstByte;
  private final int runBytes;
  private final byte padding;

  /**
   * Windows of one group of channels.
   *
   * @param padding the value of every byte outside the image
   */
  WindowRows(ConvGeometry geometry, int group, int elementBytes, byte padding) {
    this.g = geometry;
    this.pixelBytes = geometry.channels() * elementBytes;
    this.runBytes = geometry.channels() / geometry.groups() * elementBytes;
    this.firstByte = group * runBytes;
    this.padding = padding;
  }

  /**
   * The rows of some output pixels, counted over all images.
   *
   * @param toByte where the first row goes
   */
  void gather(MemorySegment x, int firstPixel, int count, MemorySegment to, long toByte) {
    long rowBytes = (long) g.kernelHeight() * g.kernelWidth() * runBytes;
    gather(x, firstPixel, count, to, toByte, rowBytes);
  }

  /**
   * The same with gaps between the rows.
   *
   * @param rowBytes from one row to the next
   */
  void gather(
      MemorySegment x, int firstPixel, int count, MemorySegment to, long toByte, long rowBytes) {
    int image = firstPixel / g.outputSize();
    int row = firstPixel % g.outputSize() / g.outputWidth();
    int column = firstPixel % g.outputWidth();
    for (int i = 0; i < count; i++) {
      long origin = (long) image * g.inputSize() * pixelBytes + firstByte;
      window(x, origin, row, column, to, toByte + i * rowBytes);
      if (++column == g.outputWidth()) {
        column = 0;
        if (++row == g.outputHeight()) {
          row = 0;
          image++;
        }
      }
    }
  }

  private void window(
      MemorySegment x, long origin, int row, int column, MemorySegment to, long toByte) {
    int left = column * g.strideWidth() - g.padLeft();
    int right = left + (g.kernelWidth() - 1) * g.dilationWidth();
    boolean isInside = left >= 0 && right < g.width();
    int rowBytes = g.kernelWidth() * runBytes;
    long at = toByte;
    for (int ky = 0; ky < g.kernelHeight(); ky++, at += rowBytes) {
      int y = row * g.strideHeight() - g.padTop() + ky * g.dilationHeight();
      if (y < 0 || y >= g.height()) {
        to.asSlice(at, rowBytes).fill(padding);
        continue;
      }
      long from = origin + ((long) y * g.width() + left) * pixelBytes;
      if (isInside && runBytes == pixelBytes && g.dilationWidth() == 1) {
        copy(x, from, to, at, rowBytes);
      } else {
        taps(x, from, left, to, at);
      }
    }
  }

  /** One kernel row, tap by tap. */
  private void taps(MemorySegment x, long from, int left, MemorySegment to, long toByte) {
    for (int kx = 0; kx < g.kernelWidth(); kx++) {
      int column = left + kx * g.dilationWidth();
      long at = toByte + (long) kx * runBytes;
      if (column >= 0 && column < g.width()) {
        copy(x, from + (long) kx * g.dilationWidth() * pixelBytes, to, at, runBytes);
      } else {
        to.asSlice(at, runBytes).fill(padding);
      }
    }
  }

  private static void copy(MemorySegment x, long from, MemorySegment to, long at, int bytes) {
    if (bytes > SHORT_RUN) {
      MemorySegment.copy(x, from, to, at, bytes);
      return;
    }
    int i = 0;
    for (; i <= bytes - Integer.BYTES; i += Integer.BYTES) {
      to.set(INT, at + i, x.get(INT, from + i));
    }
    for (; i < bytes; i++) {
      to.set(ValueLayout.JAVA_BYTE, at + i, x.get(ValueLayout.JAVA_BYTE, from + i));
    }
  }
}
