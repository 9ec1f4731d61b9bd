package io.lockstep.runtime.operator;

import io.lockstep.runtime.tensor.Tensor;

/**
 * Convolution straight from its definition, for what no kernel covers: three spatial axes, weights
 * that only a run knows, other types than 32-bit floats. Sums are taken in double precision, which
 * is exact for 8-bit integers.
 */
final class DirectConv {

  private final Window window;
  private final int channels;
  private final int filters;
  private final int groups;

  DirectConv(Window window, int channels, int filters, int groups) {
    this.window = window;
    this.channels = channels;
    this.filters = filters;
    this.groups = groups;
  }

  /**
   * One output element before bias.
   *
   * @param x [batch, channels, spatial...]
   * @param xZero what is subtracted from each element of x; padding counts as zero after it
   * @param w [filters, channels / groups, kernel...]
   * @param wZero what is subtracted from each weight
   * @param output index of the element in y [batch, filters, output spatial...]
   */
  double sum(Tensor x, double xZero, Tensor w, double wZero, long output) {
    int position = (int) (output % window.outputSize());
    int filter = filter(output);
    long image = output / window.outputSize() / filters;
    int ow = position % window.width.output();
    int oh = position / window.width.output() % window.height.output();
    int od = position / window.width.output() / window.height.output();
    int groupChannels = channels / groups;
    int firstChannel = filter / (filters / groups) * groupChannels;
    double sum = 0;
    for (int c = 0; c < groupChannels; c++) {
      long xPlane = (image * channels + firstChannel + c) * window.inputSize();
      long wPlane = ((long) filter * groupChannels + c) * window.kernelSize();
      sum += plane(x, xPlane, xZero, w, wPlane, wZero, od, oh, ow);
    }
    return sum;
  }

  /** The filter that makes an output element. */
  int filter(long output) {
    return (int) (output / window.outputSize() % filters);
  }

  private double plane(
      Tensor x,
      long xPlane,
      double xZero,
      Tensor w,
      long wPlane,
      double wZero,
      int od,
      int oh,
      int ow) {
    double sum = 0;
    for (int kd = 0; kd < window.depth.kernel(); kd++) {
      int d = window.depth.index(od, kd);
      for (int kh = 0; kh < window.height.kernel(); kh++) {
        int h = window.height.index(oh, kh);
        if (!window.depth.covers(d) || !window.height.covers(h)) {
          continue;
        }
        long xRow = xPlane + ((long) d * window.height.input() + h) * window.width.input();
        long wRow = wPlane + ((long) kd * window.height.kernel() + kh) * window.width.kernel();
        for (int kw = 0; kw < window.width.kernel(); kw++) {
          int column = window.width.index(ow, kw);
          if (window.width.covers(column)) {
            sum += (x.asDouble(xRow + column) - xZero) * (w.asDouble(wRow + kw) - wZero);
          }
        }
      }
    }
    return sum;
  }
}
