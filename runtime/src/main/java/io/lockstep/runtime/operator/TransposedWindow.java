package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.tensor.Shape;
import java.util.Arrays;

/**
 * The window of a transposed convolution as written in the model. It resolves to the {@link Window}
 * of the convolution that it transposes: whose input is our output.
 */
public final class TransposedWindow {

  private final long[] kernel; // [spatial rank], or empty to take the weights' extents
  private final long[] strides; // [spatial rank], or empty for ones
  private final long[] dilations; // [spatial rank], or empty for ones
  private final long[] pads; // [2 * spatial rank], or empty for zeros
  private final long[] outputPadding; // [spatial rank], or empty for zeros
  private final long[] outputShape; // [spatial rank], or empty to infer it
  private final WindowAttributes.AutoPad autoPad;

  private TransposedWindow(
      long[] kernel,
      long[] strides,
      long[] dilations,
      long[] pads,
      long[] outputPadding,
      long[] outputShape,
      WindowAttributes.AutoPad autoPad) {
    this.kernel = kernel;
    this.strides = strides;
    this.dilations = dilations;
    this.pads = pads;
    this.outputPadding = outputPadding;
    this.outputShape = outputShape;
    this.autoPad = autoPad;
  }

  static TransposedWindow of(NodeAttributes attributes) {
    return new TransposedWindow(
        attributes.ints("kernel_shape"),
        attributes.ints("strides"),
        attributes.ints("dilations"),
        attributes.ints("pads"),
        attributes.ints("output_padding"),
        attributes.ints("output_shape"),
        WindowAttributes.of(attributes).autoPad());
  }

  /**
   * The window of the convolution that is transposed.
   *
   * @param x [batch, channels, spatial...]
   * @param weights [channels, filters / groups, kernel...]
   */
  Window resolve(OperatorInputs inputs, Shape x, Shape weights) {
    int rank = WindowAttributes.spatialRank(inputs, x);
    Window.Axis[] axes = new Window.Axis[rank];
    for (int i = 0; i < rank; i++) {
      axes[i] = axis(inputs, rank, i, x.extent(i + 2), weights.extent(i + 2));
    }
    return new Window(rank, axes);
  }

  /** The same where the kernel_shape attribute tells the kernel, as in an unpooling. */
  Window resolve(OperatorInputs inputs, Shape x) {
    int[] extents = new int[kernel.length + 2];
    for (int i = 0; i < kernel.length; i++) {
      extents[i + 2] = Math.toIntExact(kernel[i]);
    }
    if (extents.length != x.rank()) {
      throw inputs.invalid("kernel_shape has %d extents for %s".formatted(kernel.length, x));
    }
    return resolve(inputs, x, Shape.of(extents));
  }

  private Window.Axis axis(OperatorInputs inputs, int rank, int i, int extent, int weights) {
    int kernelExtent = WindowAttributes.at(kernel, i, weights);
    int stride = WindowAttributes.at(strides, i, 1);
    int dilation = WindowAttributes.at(dilations, i, 1);
    int full =
        stride * (extent - 1)
            + WindowAttributes.at(outputPadding, i, 0)
            + dilation * (kernelExtent - 1)
            + 1;
    int begin = WindowAttributes.at(pads, i, 0);
    int end = WindowAttributes.at(pads, i + rank, 0);
    int output = full - begin - end;
    boolean same =
        autoPad == WindowAttributes.AutoPad.SAME_UPPER
            || autoPad == WindowAttributes.AutoPad.SAME_LOWER;
    if (outputShape.length > 0 || same) {
      // ONNX lists output_shape with or without batch and channels.
      int first = outputShape.length - rank;
      output = same && first < 0 ? extent * stride : Math.toIntExact(outputShape[first + i]);
      int total = Math.max(0, full - output);
      boolean upper = autoPad == WindowAttributes.AutoPad.SAME_UPPER;
      begin = upper ? total / 2 : total - total / 2;
      end = total - begin;
    }
    if (output < 0 || kernelExtent != weights) {
      throw inputs.invalid(
          "kernel %d over %d elements, padded by %d and %d, has no output"
              .formatted(kernelExtent, extent, begin, end));
    }
    return new Window.Axis(output, kernelExtent, stride, dilation, begin, end, extent);
  }

  /** The shape [batch, filters, spatial...] of what the transposed convolution makes. */
  static Shape image(Window window, Shape x, int filters) {
    int[] extents = x.toArray();
    extents[1] = filters;
    Window.Axis[] axes = {window.depth, window.height, window.width};
    for (int i = 2; i < extents.length; i++) {
      extents[i] = axes[3 - extents.length + i].input();
    }
    return Shape.of(extents);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TransposedWindow that
        && Arrays.equals(kernel, that.kernel)
        && Arrays.equals(strides, that.strides)
        && Arrays.equals(dilations, that.dilations)
        && Arrays.equals(pads, that.pads)
        && Arrays.equals(outputPadding, that.outputPadding)
        && Arrays.equals(outputShape, that.outputShape)
        && autoPad == that.autoPad;
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(kernel) + 31 * Arrays.hashCode(strides);
  }
}
