package io.lockstep.runtime.kernel.vector;

import io.lockstep.runtime.kernel.ConvGeometry;
import io.lockstep.runtime.kernel.Pool;
import io.lockstep.runtime.kernel.WindowRow;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** Pooling, a vector of channels at a time. */
final class VectorPool implements Pool {

  @Override
  public void max(ConvGeometry g, int from, int to, MemorySegment x, MemorySegment y) {
    for (int row = from; row < to; row++) {
      WindowRow window = WindowRow.of(g, row % g.outputHeight());
      long image = imageByte(g, row);
      for (int column = 0; column < g.outputWidth(); column++) {
        maxOfWindow(g, window, column, x, image, y, outputByte(g, row, column));
      }
    }
  }

  @Override
  public void average(
      ConvGeometry g, boolean countPadding, int from, int to, MemorySegment x, MemorySegment y) {
    for (int row = from; row < to; row++) {
      WindowRow window = WindowRow.of(g, row % g.outputHeight());
      long image = imageByte(g, row);
      for (int column = 0; column < g.outputWidth(); column++) {
        int divisor = window.size(column, countPadding);
        long at = outputByte(g, row, column);
        meanOfWindow(g, window, column, divisor, x, image, y, at);
      }
    }
  }

  private static long imageByte(ConvGeometry g, int row) {
    return (long) (row / g.outputHeight()) * g.inputSize() * g.channels() * Float.BYTES;
  }

  private static long outputByte(ConvGeometry g, int row, int column) {
    return ((long) row * g.outputWidth() + column) * g.channels() * Float.BYTES;
  }

  private static void maxOfWindow(
      ConvGeometry g,
      WindowRow window,
      int column,
      MemorySegment x,
      long image,
      MemorySegment y,
      long yByte) {
    long row = (long) g.channels() * Float.BYTES;
    for (int c = 0; c < g.channels(); c += Lanes.COUNT) {
      VectorMask<Float> lanes = Lanes.tail(c, g.channels());
      long channel = (long) c * Float.BYTES;
      FloatVector max = Lanes.all(Float.NEGATIVE_INFINITY);
      for (int ky = window.firstTap(); ky < window.lastTap(); ky++) {
        for (int kx = window.firstTap(column); kx < window.lastTap(column); kx++) {
          long at = image + window.pixel(ky, column, kx) * row + channel;
          max = max.max(Lanes.load(x, at, lanes));
        }
      }
      Lanes.store(max, y, yByte + channel, lanes);
    }
  }

  private static void meanOfWindow(
      ConvGeometry g,
      WindowRow window,
      int column,
      int divisor,
      MemorySegment x,
      long image,
      MemorySegment y,
      long yByte) {
    long row = (long) g.channels() * Float.BYTES;
    for (int c = 0; c < g.channels(); c += Lanes.COUNT) {
      VectorMask<Float> lanes = Lanes.tail(c, g.channels());
      long channel = (long) c * Float.BYTES;
      FloatVector sum = Lanes.all(0);
      for (int ky = window.firstTap(); ky < window.lastTap(); ky++) {
        for (int kx = window.firstTap(column); kx < window.lastTap(column); kx++) {
          long at = image + window.pixel(ky, column, kx) * row + channel;
          sum = sum.add(Lanes.load(x, at, lanes));
        }
      }
      Lanes.store(sum.div(divisor), y, yByte + channel, lanes);
    }
  }
}
