package io.lockstep.runtime.kernel;

/**
 * The extents of a two-dimensional convolution or pooling over one image. One-dimensional ones have
 * height 1.
 *
 * @param channels input channels
 * @param height input rows
 * @param width input columns
 * @param filters output channels; equals {@code channels} for pooling
 * @param groups channels and filters are split into so many independent groups
 * @param padBottom rows of padding below; outputs may reach less far, never further
 */
public record ConvGeometry(
    int channels,
    int height,
    int width,
    int filters,
    int groups,
    int kernelHeight,
    int kernelWidth,
    int strideHeight,
    int strideWidth,
    int dilationHeight,
    int dilationWidth,
    int padTop,
    int padLeft,
    int padBottom,
    int padRight,
    int outputHeight,
    int outputWidth) {

  public int outputSize() {
    return outputHeight * outputWidth;
  }

  public int inputSize() {
    return height * width;
  }

  /** Elements of a window over the channels of one group. */
  public int windowSize() {
    return kernelHeight * kernelWidth * (channels / groups);
  }

  public boolean isPointwise() {
    return kernelHeight == 1
        && kernelWidth == 1
        && strideHeight == 1
        && strideWidth == 1
        && padTop == 0
        && padLeft == 0
        && padBottom == 0
        && padRight == 0;
  }

  public boolean isDepthwise() {
    return groups == channels && filters == channels && groups > 1;
  }
}
