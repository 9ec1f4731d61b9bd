package io.lockstep.runtime.operator;

import io.lockstep.runtime.kernel.ConvGeometry;
import io.lockstep.runtime.tensor.Shape;

/**
 * A window sliding over spatial axes of fixed extents. Seen as three axes (depth, height, width)
 * whatever the rank, so that one loop serves all ranks: axes that are not there have extent 1.
 */
final class Window {

  /**
   * One spatial axis.
   *
   * @param padEnd padding behind the input; in ceil_mode the last window may reach further
   */
  record Axis(
      int input, int kernel, int stride, int dilation, int padBegin, int padEnd, int output) {

    static final Axis NONE = new Axis(1, 1, 1, 1, 0, 0, 1);

    /** The input index under kernel element {@code k} of window {@code o}; may be padding. */
    int index(int o, int k) {
      return o * stride - padBegin + k * dilation;
    }

    boolean covers(int index) {
      return index >= 0 && index < input;
    }

    /** Whether the last window reaches behind the padding. */
    boolean overhangs() {
      return output > 0 && index(output - 1, kernel - 1) >= input + padEnd;
    }
  }

  private final int rank;
  final Axis depth;
  final Axis height;
  final Axis width;

  Window(int rank, Axis[] axes) {
    this.rank = rank;
    this.depth = rank > 2 ? axes[0] : Axis.NONE;
    this.height = rank > 1 ? axes[rank - 2] : Axis.NONE;
    this.width = axes[rank - 1];
  }

  int rank() {
    return rank;
  }

  int inputSize() {
    return depth.input * height.input * width.input;
  }

  int outputSize() {
    return depth.output * height.output * width.output;
  }

  int kernelSize() {
    return depth.kernel * height.kernel * width.kernel;
  }

  boolean overhangs() {
    return depth.overhangs() || height.overhangs() || width.overhangs();
  }

  /** [batch, channels, output spatial...]. */
  Shape outputShape(int batch, int channels) {
    int[] extents = new int[rank + 2];
    extents[0] = batch;
    extents[1] = channels;
    Axis[] axes = {depth, height, width};
    for (int i = 0; i < rank; i++) {
      extents[i + 2] = axes[3 - rank + i].output;
    }
    return Shape.of(extents);
  }

  /** Whether the two-dimensional kernels cover it. */
  boolean isPlane() {
    return rank <= 2;
  }

  ConvGeometry geometry(int channels, int filters, int groups) {
    return new ConvGeometry(
        channels,
        height.input,
        width.input,
        filters,
        groups,
        height.kernel,
        width.kernel,
        height.stride,
        width.stride,
        height.dilation,
        width.dilation,
        height.padBegin,
        width.padBegin,
        height.padEnd,
        width.padEnd,
        height.output,
        width.output);
  }
}
