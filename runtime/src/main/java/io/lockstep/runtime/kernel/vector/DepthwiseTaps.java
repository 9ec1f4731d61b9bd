package io.lockstep.runtime.kernel.vector;

import static io.lockstep.runtime.kernel.vector.Lanes.BYTES;
import static io.lockstep.runtime.kernel.vector.Lanes.FLOAT;
import static io.lockstep.runtime.kernel.vector.Lanes.FLOATS;
import static io.lockstep.runtime.kernel.vector.Lanes.ORDER;

import io.lockstep.runtime.kernel.ConvGeometry;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * One filter over one channel of a {@link PaddedImage}: a few taps at a time are added to the sums
 * of all flat positions, which gives each output one chain of fused multiply-adds in the order of
 * the taps.
 */
final class DepthwiseTaps {

  private DepthwiseTaps() {}

  /** Floats that the sums of one channel take, whole vectors. */
  static long sumFloats(PaddedImage image) {
    return (image.flatLength() + Lanes.COUNT - 1L) / Lanes.COUNT * Lanes.COUNT;
  }

  /**
   * sums = filter over channel.
   *
   * @param channel where the channel starts in {@code image}, in bytes
   * @param filter float [kernelHeight, kernelWidth], in bytes
   * @param sums float [sumFloats], in bytes
   */
  static void convolve(
      ConvGeometry g,
      PaddedImage layout,
      MemorySegment image,
      long channel,
      MemorySegment filters,
      long filter,
      MemorySegment scratch,
      long sums) {
    long bytes = sumFloats(layout) * Float.BYTES;
    scratch.asSlice(sums, bytes).fill((byte) 0);
    int taps = g.kernelHeight() * g.kernelWidth();
    int tap = 0;
    for (; tap <= taps - 3; tap += 3) {
      addThree(
          image,
          channel + offset(g, layout, tap),
          channel + offset(g, layout, tap + 1),
          channel + offset(g, layout, tap + 2),
          filters,
          filter + (long) tap * Float.BYTES,
          scratch,
          sums,
          bytes);
    }
    for (; tap < taps; tap++) {
      addOne(
          image,
          channel + offset(g, layout, tap),
          filters,
          filter + (long) tap * Float.BYTES,
          scratch,
          sums,
          bytes);
    }
  }

  private static long offset(ConvGeometry g, PaddedImage layout, int tap) {
    return layout.tapOffset(tap / g.kernelWidth(), tap % g.kernelWidth()) * Float.BYTES;
  }

  private static void addThree(
      MemorySegment image,
      long at0,
      long at1,
      long at2,
      MemorySegment filters,
      long filter,
      MemorySegment scratch,
      long sums,
      long bytes) {
    FloatVector w0 = FloatVector.broadcast(FLOATS, filters.get(FLOAT, filter));
    FloatVector w1 = FloatVector.broadcast(FLOATS, filters.get(FLOAT, filter + Float.BYTES));
    FloatVector w2 = FloatVector.broadcast(FLOATS, filters.get(FLOAT, filter + 2 * Float.BYTES));
    for (long i = 0; i < bytes; i += BYTES) {
      FloatVector sum = FloatVector.fromMemorySegment(FLOATS, scratch, sums + i, ORDER);
      sum = w0.fma(FloatVector.fromMemorySegment(FLOATS, image, at0 + i, ORDER), sum);
      sum = w1.fma(FloatVector.fromMemorySegment(FLOATS, image, at1 + i, ORDER), sum);
      sum = w2.fma(FloatVector.fromMemorySegment(FLOATS, image, at2 + i, ORDER), sum);
      sum.intoMemorySegment(scratch, sums + i, ORDER);
    }
  }

  private static void addOne(
      MemorySegment image,
      long at,
      MemorySegment filters,
      long filter,
      MemorySegment scratch,
      long sums,
      long bytes) {
    FloatVector w = FloatVector.broadcast(FLOATS, filters.get(FLOAT, filter));
    for (long i = 0; i < bytes; i += BYTES) {
      FloatVector sum = FloatVector.fromMemorySegment(FLOATS, scratch, sums + i, ORDER);
      w.fma(FloatVector.fromMemorySegment(FLOATS, image, at + i, ORDER), sum)
          .intoMemorySegment(scratch, sums + i, ORDER);
    }
  }

  /** Copies the outputs among the sums to their plane, at index {@code plane} of y. */
  static void scatter(
      ConvGeometry g,
      PaddedImage layout,
      MemorySegment scratch,
      long sums,
      MemorySegment y,
      long plane) {
    for (int row = 0; row < g.outputHeight(); row++) {
      PaddedImage.copy(
          scratch,
          sums + (long) row * layout.width() * Float.BYTES,
          y,
          (plane + (long) row * g.outputWidth()) * Float.BYTES,
          g.outputWidth());
    }
  }
}
