package io.lockstep.runtime.kernel.vector;

import io.lockstep.runtime.kernel.ConvGeometry;

/**
 * The windows of one row of outputs, and which of their taps lie inside the image.
 *
 * @param top the image row of the first tap; negative in the padding
 * @param firstTap the first kernel row inside the image
 * @param lastTap behind the last kernel row inside the image
 */
record WindowRow(ConvGeometry geometry, int top, int firstTap, int lastTap) {

  static WindowRow of(ConvGeometry g, int outputRow) {
    int top = outputRow * g.strideHeight() - g.padTop();
    int first = first(top, g.dilationHeight(), g.kernelHeight());
    return new WindowRow(
        g,
        top,
        first,
        Math.max(first, last(top, g.dilationHeight(), g.kernelHeight(), g.height())));
  }

  /** The image column of the first tap of the window at an output column. */
  int left(int outputColumn) {
    return outputColumn * geometry.strideWidth() - geometry.padLeft();
  }

  /** Whether there is such an output, and its window leaves the image on no side. */
  boolean isInside(int outputColumn) {
    int left = left(outputColumn);
    int right = left + (geometry.kernelWidth() - 1) * geometry.dilationWidth();
    return outputColumn < geometry.outputWidth() && left >= 0 && right < geometry.width();
  }

  /** The first kernel column inside the image. */
  int firstTap(int outputColumn) {
    return first(left(outputColumn), geometry.dilationWidth(), geometry.kernelWidth());
  }

  /** Behind the last kernel column inside the image; may be before the first. */
  int lastTap(int outputColumn) {
    int left = left(outputColumn);
    return last(left, geometry.dilationWidth(), geometry.kernelWidth(), geometry.width());
  }

  /** The pixel of the image under a tap. */
  long pixel(int kernelRow, int outputColumn, int kernelColumn) {
    long row = top + (long) kernelRow * geometry.dilationHeight();
    return row * geometry.width()
        + left(outputColumn)
        + (long) kernelColumn * geometry.dilationWidth();
  }

  private static int first(int start, int dilation, int kernel) {
    return start >= 0 ? 0 : Math.min(kernel, Math.ceilDiv(-start, dilation));
  }

  private static int last(int start, int dilation, int kernel, int extent) {
    return start >= extent ? 0 : Math.min(kernel, (extent - 1 - start) / dilation + 1);
  }
}
