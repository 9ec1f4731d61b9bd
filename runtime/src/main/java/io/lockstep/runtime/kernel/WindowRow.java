package io.lockstep.runtime.kernel;

/**
 * The windows of one row of outputs, and which of their taps lie inside the image.
 *
 * @param top the image row of the first tap; negative in the padding
 * @param firstTap the first kernel row inside the image
 * @param lastTap behind the last kernel row inside the image
 */
public record WindowRow(ConvGeometry geometry, int top, int firstTap, int lastTap) {

  /** The windows of a row of outputs of one image. */
  public static WindowRow of(ConvGeometry g, int outputRow) {
    int top = outputRow * g.strideHeight() - g.padTop();
    int first = first(top, g.dilationHeight(), g.kernelHeight());
    return new WindowRow(
        g,
        top,
        first,
        Math.max(first, last(top, g.dilationHeight(), g.kernelHeight(), g.height())));
  }

  /** The image column of the first tap of the window at an output column. */
  public int left(int outputColumn) {
    return outputColumn * geometry.strideWidth() - geometry.padLeft();
  }

  /** Whether there is such an output, and its window leaves the image on no side. */
  public boolean isInside(int outputColumn) {
    int left = left(outputColumn);
    int right = left + (geometry.kernelWidth() - 1) * geometry.dilationWidth();
    return outputColumn < geometry.outputWidth() && left >= 0 && right < geometry.width();
  }

  /** The first kernel column inside the image. */
  public int firstTap(int outputColumn) {
    return first(left(outputColumn), geometry.dilationWidth(), geometry.kernelWidth());
  }

  /** Behind the last kernel column inside the image; may be before the first. */
  public int lastTap(int outputColumn) {
    int left = left(outputColumn);
    return last(left, geometry.dilationWidth(), geometry.kernelWidth(), geometry.width());
  }

  /** The pixel of the image under a tap. */
  public long pixel(int kernelRow, int outputColumn, int kernelColumn) {
    long row = top + (long) kernelRow * geometry.dilationHeight();
    return row * geometry.width()
        + left(outputColumn)
        + (long) kernelColumn * geometry.dilationWidth();
  }

  /** How many windows from an output column on leave the image on no side. */
  public int countInside(int outputColumn) {
    if (!isInside(outputColumn)) {
      return 0;
    }
    int reach = (geometry.kernelWidth() - 1) * geometry.dilationWidth() + 1;
    int last = (geometry.width() + geometry.padLeft() - reach) / geometry.strideWidth();
    return Math.min(last + 1, geometry.outputWidth()) - outputColumn;
  }

  /**
   * Elements of the window at an output column.
   *
   * @param countPadding whether those in the padding count too
   */
  public int size(int outputColumn, boolean countPadding) {
    if (!countPadding) {
      return (lastTap - firstTap) * Math.max(0, lastTap(outputColumn) - firstTap(outputColumn));
    }
    int roomBelow = geometry.height() + geometry.padBottom() - 1 - top;
    int roomRight = geometry.width() + geometry.padRight() - 1 - left(outputColumn);
    return Math.min(geometry.kernelHeight(), roomBelow / geometry.dilationHeight() + 1)
        * Math.min(geometry.kernelWidth(), roomRight / geometry.dilationWidth() + 1);
  }

  private static int first(int start, int dilation, int kernel) {
    return start >= 0 ? 0 : Math.min(kernel, Math.ceilDiv(-start, dilation));
  }

  private static int last(int start, int dilation, int kernel, int extent) {
    return start >= extent ? 0 : Math.min(kernel, (extent - 1 - start) / dilation + 1);
  }
}
