package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.tensor.Shape;
import java.util.Arrays;

/**
 * How a convolution's or pooling's window slides over the spatial axes of [batch, channels,
 * spatial...], as written in the model: kernel_shape, strides, dilations, pads, auto_pad,
 * ceil_mode.
 */
public final class WindowAttributes {

  /** Who decides on the padding. */
  enum AutoPad {
    /** The attribute pads. */
    NOTSET,
    /** As much as makes the output ceil(input / stride); an odd one goes to the end. */
    SAME_UPPER,
    /** As much as makes the output ceil(input / stride); an odd one goes to the beginning. */
    SAME_LOWER,
    /** None. */
    VALID
  }

  private final long[] kernel; // [spatial rank], or empty to take the weights' extents
  private final long[] strides; // [spatial rank], or empty for ones
  private final long[] dilations; // [spatial rank], or empty for ones
  private final long[] pads; // [2 * spatial rank]: all beginnings, then all ends; or empty
  private final AutoPad autoPad;
  private final boolean ceilMode;

  private WindowAttributes(
      long[] kernel,
      long[] strides,
      long[] dilations,
      long[] pads,
      AutoPad autoPad,
      boolean ceilMode) {
    this.kernel = kernel;
    this.strides = strides;
    this.dilations = dilations;
    this.pads = pads;
    this.autoPad = autoPad;
    this.ceilMode = ceilMode;
  }

  /** Reads the attributes that ONNX's convolutions and poolings share. */
  public static WindowAttributes of(NodeAttributes attributes) {
    String autoPad = attributes.stringOr("auto_pad", "NOTSET");
    return new WindowAttributes(
        attributes.ints("kernel_shape"),
        attributes.ints("strides"),
        attributes.ints("dilations"),
        attributes.ints("pads"),
        AutoPad.valueOf(autoPad.isEmpty() ? "NOTSET" : autoPad),
        attributes.intOr("ceil_mode", 0) != 0);
  }

  /** The spatial axes that kernel_shape speaks of; 0 when it is left to the weights. */
  int kernelRank() {
    return kernel.length;
  }

  AutoPad autoPad() {
    return autoPad;
  }

  /** The spatial extents of the kernel: the attribute's, or else those of the weights. */
  private int[] kernel(OperatorInputs inputs, int rank, Shape weights) {
    int[] extents = new int[rank];
    for (int i = 0; i < rank; i++) {
      extents[i] = kernel.length == 0 ? weights.extent(i + 2) : Math.toIntExact(kernel[i]);
    }
    if (kernel.length != 0 && kernel.length != rank) {
      throw inputs.invalid("kernel_shape has " + kernel.length + " extents for " + rank + " axes");
    }
    return extents;
  }

  /**
   * The window over an input of a fixed shape.
   *
   * @param x [batch, channels, spatial...]
   * @param weights [.., .., kernel...], read only when there is no kernel_shape; else any shape
   */
  Window resolve(OperatorInputs inputs, Shape x, Shape weights) {
    int rank = spatialRank(inputs, x);
    int[] extents = kernel(inputs, rank, weights);
    Window.Axis[] axes = new Window.Axis[rank];
    for (int i = 0; i < rank; i++) {
      axes[i] = axis(inputs, rank, i, x.extent(i + 2), extents[i]);
    }
    return new Window(rank, axes);
  }

  private Window.Axis axis(OperatorInputs inputs, int rank, int i, int input, int kernelExtent) {
    int stride = at(strides, i, 1);
    int dilation = at(dilations, i, 1);
    int reach = dilation * (kernelExtent - 1) + 1;
    int begin = at(pads, i, 0);
    int end = at(pads, i + rank, 0);
    if (stride < 1 || dilation < 1 || kernelExtent < 1 || begin < 0 || end < 0) {
      throw inputs.invalid(
          "stride %d, dilation %d, kernel %d, pads %d and %d: a window needs positive extents"
              .formatted(stride, dilation, kernelExtent, begin, end));
    }
    int same = Math.ceilDiv(input, stride);
    int total = Math.max(0, (same - 1) * stride + reach - input);
    Window.Axis axis =
        switch (autoPad) {
          case NOTSET ->
              new Window.Axis(
                  input,
                  kernelExtent,
                  stride,
                  dilation,
                  begin,
                  end,
                  outputs(input + begin, end, reach, stride));
          case VALID ->
              new Window.Axis(
                  input, kernelExtent, stride, dilation, 0, 0, outputs(input, 0, reach, stride));
          case SAME_UPPER ->
              new Window.Axis(
                  input, kernelExtent, stride, dilation, total / 2, total - total / 2, same);
          case SAME_LOWER ->
              new Window.Axis(
                  input, kernelExtent, stride, dilation, total - total / 2, total / 2, same);
        };
    if (axis.output() < 0) {
      throw inputs.invalid(
          "a window reaching over %d does not fit %d elements padded by %d and %d"
              .formatted(reach, input, begin, end));
    }
    return axis;
  }

  /**
   * How many windows fit; in ceil_mode the last may overhang but must not begin behind the input.
   */
  private int outputs(int inputAndBegin, int end, int reach, int stride) {
    int room = inputAndBegin + end - reach;
    if (!ceilMode) {
      return Math.floorDiv(room, stride) + 1;
    }
    int outputs = Math.ceilDiv(room, stride) + 1;
    return (outputs - 1) * stride >= inputAndBegin ? outputs - 1 : outputs;
  }

  static int spatialRank(OperatorInputs inputs, Shape x) {
    int rank = x.rank() - 2;
    if (rank < 1 || rank > 3) {
      throw inputs.invalid("input of shape " + x + ": expected 1 to 3 spatial axes");
    }
    return rank;
  }

  static int at(long[] values, int i, int absent) {
    return i < values.length ? Math.toIntExact(values[i]) : absent;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof WindowAttributes that
        && Arrays.equals(kernel, that.kernel)
        && Arrays.equals(strides, that.strides)
        && Arrays.equals(dilations, that.dilations)
        && Arrays.equals(pads, that.pads)
        && autoPad == that.autoPad
        && ceilMode == that.ceilMode;
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(kernel) + 31 * Arrays.hashCode(pads);
  }
}
