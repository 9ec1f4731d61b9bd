package io.lockstep.runtime.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Geometries of convolutions and poolings for tests. */
final class Geometries {

  private Geometries() {}

  /** A square one, padded alike on all sides. */
  static ConvGeometry square(
      int channels, int extent, int filters, int groups, int kernel, int stride, int pad) {
    int output = (extent + 2 * pad - kernel) / stride + 1;
    return new ConvGeometry(
        channels, extent, extent, filters, groups, kernel, kernel, stride, stride, 1, 1, pad, pad,
        pad, pad, output, output);
  }

  /** Any small one: grouped, depthwise or neither, pointwise now and then. */
  static ConvGeometry random(Random random) {
    if (random.nextInt(8) == 0) {
      int channels = random.nextInt(8, 40);
      return windows(random, channels, channels, channels, false);
    }
    int groups = random.nextInt(3) == 0 ? random.nextInt(1, 5) : 1;
    int perGroup = random.nextInt(3) == 0 ? 1 : random.nextInt(1, 9);
    int filters = groups * (random.nextBoolean() ? 1 : random.nextInt(1, 9));
    boolean isPointwise = random.nextInt(4) == 0;
    return windows(random, groups * perGroup, filters, groups, isPointwise);
  }

  /** Depthwise ones with windows that leave the image on one side, on several, or nowhere. */
  static List<ConvGeometry> depthwise() {
    List<ConvGeometry> all = new ArrayList<>();
    for (int kernel : new int[] {3, 5, 7}) {
      for (int stride = 1; stride <= 2; stride++) {
        for (int extent : new int[] {1, 2, 4, 5, 7, 9, 20}) {
          all.add(square(19, extent, 19, 19, kernel, stride, kernel / 2));
        }
      }
    }
    return all;
  }

  /** One for pooling. */
  static ConvGeometry randomPool(Random random) {
    int channels = random.nextInt(4) == 0 ? random.nextInt(8, 40) : random.nextInt(1, 4);
    return windows(random, channels, channels, channels, false);
  }

  private static ConvGeometry windows(
      Random random, int channels, int filters, int groups, boolean isPointwise) {
    int most = isPointwise ? 1 : 4;
    int kernelHeight = random.nextInt(most) + 1;
    int kernelWidth = random.nextInt(most) + 1;
    int dilationHeight = isPointwise ? 1 : random.nextInt(1, 3);
    int dilationWidth = isPointwise ? 1 : random.nextInt(1, 3);
    int strideHeight = isPointwise ? 1 : random.nextInt(1, 4);
    int strideWidth = isPointwise ? 1 : random.nextInt(1, 4);
    int top = random.nextInt(kernelHeight);
    int left = random.nextInt(kernelWidth);
    int bottom = random.nextInt(kernelHeight);
    int right = random.nextInt(kernelWidth);
    int reachHeight = (kernelHeight - 1) * dilationHeight + 1;
    int reachWidth = (kernelWidth - 1) * dilationWidth + 1;
    int height = random.nextInt(12) + Math.max(1, reachHeight - top - bottom);
    int width = random.nextInt(40) + Math.max(1, reachWidth - left - right);
    return new ConvGeometry(
        channels,
        height,
        width,
        filters,
        groups,
        kernelHeight,
        kernelWidth,
        strideHeight,
        strideWidth,
        dilationHeight,
        dilationWidth,
        top,
        left,
        bottom,
        right,
        (height + top + bottom - reachHeight) / strideHeight + 1,
        (width + left + right - reachWidth) / strideWidth + 1);
  }
}
