package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.ConvGeometry;

/**
 * Neighbouring results of a depthwise convolution that are computed together, and which taps of
 * their windows lie inside the image. Lines and columns count from the first tap of the first
 * result.
 *
 * @param rows rows of results
 * @param columns columns of results
 * @param firstLine the first line inside the image
 * @param lastLine behind the last line inside the image
 * @param firstColumn the first column inside the image
 * @param lastColumn behind the last column inside the image
 */
record DepthwiseTile(
    int channels,
    int kernelHeight,
    int kernelWidth,
    int strideHeight,
    int strideWidth,
    int dilationHeight,
    int dilationWidth,
    int rows,
    int columns,
    int firstLine,
    int lastLine,
    int firstColumn,
    int lastColumn) {

  /** The results of some rows and columns. */
  static DepthwiseTile of(ConvGeometry g, int row, int rows, int column, int columns) {
    int top = row * g.strideHeight() - g.padTop();
    int left = column * g.strideWidth() - g.padLeft();
    int lines = extent(rows, g.strideHeight(), g.kernelHeight(), g.dilationHeight());
    int wide = extent(columns, g.strideWidth(), g.kernelWidth(), g.dilationWidth());
    return new DepthwiseTile(
        g.channels(),
        g.kernelHeight(),
        g.kernelWidth(),
        g.strideHeight(),
        g.strideWidth(),
        g.dilationHeight(),
        g.dilationWidth(),
        rows,
        columns,
        Math.clamp(-(long) top, 0, lines),
        Math.clamp((long) g.height() - top, 0, lines),
        Math.clamp(-(long) left, 0, wide),
        Math.clamp((long) g.width() - left, 0, wide));
  }

  static int extent(int results, int stride, int kernel, int dilation) {
    return (results - 1) * stride + (kernel - 1) * dilation + 1;
  }

  /** The kernel row that a line is under for a row of results; negative for none. */
  int kernelRow(int row, int line) {
    return tap(line - row * strideHeight, dilationHeight, kernelHeight);
  }

  /** The same for columns. */
  int kernelColumn(int resultColumn, int column) {
    return tap(column - resultColumn * strideWidth, dilationWidth, kernelWidth);
  }

  private static int tap(int distance, int dilation, int kernel) {
    boolean isTap = distance >= 0 && distance % dilation == 0 && distance / dilation < kernel;
    return isTap ? distance / dilation : -1;
  }
}
