package io.lockstep.runtime.kernel.vector;

import io.lockstep.runtime.kernel.ConvGeometry;
import io.lockstep.runtime.kernel.Depthwise;
import io.lockstep.runtime.kernel.Epilogue;
import io.lockstep.runtime.kernel.WindowRow;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;

/** Depthwise convolutions, a vector of channels at a time; four pixels share the weights. */
final class VectorDepthwise implements Depthwise {

  private static final int PIXELS = 4;

  private final TileEpilogue epilogues;

  VectorDepthwise(TileEpilogue epilogues) {
    this.epilogues = epilogues;
  }

  @Override
  public void rowsF32(
      ConvGeometry g,
      int outputRow,
      int rows,
      MemorySegment x,
      long xOffset,
      MemorySegment weights,
      Epilogue epilogue,
      MemorySegment y,
      long yOffset) {
    WindowRow window = WindowRow.of(g, outputRow);
    int channels = g.channels();
    long at = yOffset * Float.BYTES;
    int column = 0;
    while (column < g.outputWidth()) {
      long pixel = at + (long) column * channels * Float.BYTES;
      if (window.isInside(column) && window.isInside(column + PIXELS - 1)) {
        insideF32(g, window, column, x, xOffset, weights, y, pixel);
        column += PIXELS;
      } else {
        pixelF32(g, window, column, x, xOffset, weights, y, pixel);
        column++;
      }
    }
    epilogues.apply(epilogue, 1, g.outputWidth(), 0, channels, y, at, channels);
  }

  /** Four pixels whose windows lie inside the image's width. */
  private static void insideF32(
      ConvGeometry g,
      WindowRow window,
      int column,
      MemorySegment x,
      long xOffset,
      MemorySegment weights,
      MemorySegment y,
      long yByte) {
    long row = (long) g.channels() * Float.BYTES;
    long step = g.strideWidth() * row;
    long tapStep = g.dilationWidth() * row;
    long lineStep = (long) g.dilationHeight() * g.width() * row;
    long origin =
        xOffset * Float.BYTES + ((long) window.top() * g.width() + window.left(column)) * row;
    for (int c = 0; c < g.channels(); c += Lanes.COUNT) {
      VectorMask<Float> lanes = Lanes.tail(c, g.channels());
      long channel = (long) c * Float.BYTES;
      FloatVector sum0 = Lanes.all(0);
      FloatVector sum1 = Lanes.all(0);
      FloatVector sum2 = Lanes.all(0);
      FloatVector sum3 = Lanes.all(0);
      for (int ky = window.firstTap(); ky < window.lastTap(); ky++) {
        long from = origin + ky * lineStep + channel;
        long weight = (long) ky * g.kernelWidth() * row + channel;
        for (int kx = 0; kx < g.kernelWidth(); kx++, from += tapStep, weight += row) {
          FloatVector w = Lanes.load(weights, weight, lanes);
          sum0 = Lanes.load(x, from, lanes).fma(w, sum0);
          sum1 = Lanes.load(x, from + step, lanes).fma(w, sum1);
          sum2 = Lanes.load(x, from + 2 * step, lanes).fma(w, sum2);
          sum3 = Lanes.load(x, from + 3 * step, lanes).fma(w, sum3);
        }
      }
      Lanes.store(sum0, y, yByte + channel, lanes);
      Lanes.store(sum1, y, yByte + row + channel, lanes);
      Lanes.store(sum2, y, yByte + 2 * row + channel, lanes);
      Lanes.store(sum3, y, yByte + 3 * row + channel, lanes);
    }
  }

  /** One pixel at the edge. */
  private static void pixelF32(
      ConvGeometry g,
      WindowRow window,
      int column,
      MemorySegment x,
      long xOffset,
      MemorySegment weights,
      MemorySegment y,
      long yByte) {
    long row = (long) g.channels() * Float.BYTES;
    for (int c = 0; c < g.channels(); c += Lanes.COUNT) {
      VectorMask<Float> lanes = Lanes.tail(c, g.channels());
      long channel = (long) c * Float.BYTES;
      FloatVector sum = Lanes.all(0);
      for (int ky = window.firstTap(); ky < window.lastTap(); ky++) {
        for (int kx = window.firstTap(column); kx < window.lastTap(column); kx++) {
          long pixel = window.pixel(ky, column, kx);
          long weight = ((long) ky * g.kernelWidth() + kx) * row + channel;
          sum =
              Lanes.load(x, xOffset * Float.BYTES + pixel * row + channel, lanes)
                  .fma(Lanes.load(weights, weight, lanes), sum);
        }
      }
      Lanes.store(sum, y, yByte + channel, lanes);
    }
  }

  @Override
  public void rowI32(
      ConvGeometry g,
      int outputRow,
      MemorySegment x,
      long xOffset,
      boolean xSigned,
      int xZeroPoint,
      MemorySegment weights,
      MemorySegment y,
      long yOffset) {
    WindowRow window = WindowRow.of(g, outputRow);
    int mask = xSigned ? -1 : 0xff;
    int whole = VectorQuantize.loadsWholeVectors() ? g.channels() / Lanes.COUNT * Lanes.COUNT : 0;
    for (int column = 0; column < g.outputWidth(); column++) {
      long at = yOffset + (long) column * g.channels();
      for (int c = 0; c < whole; c += Lanes.COUNT) {
        IntVector sum = IntVector.zero(Lanes.INTS);
        for (int ky = window.firstTap(); ky < window.lastTap(); ky++) {
          for (int kx = window.firstTap(column); kx < window.lastTap(column); kx++) {
            long from = xOffset + window.pixel(ky, column, kx) * g.channels() + c;
            long weight = ((long) ky * g.kernelWidth() + kx) * g.channels() + c;
            IntVector value = VectorQuantize.bytes(x, from).and(mask).sub(xZeroPoint);
            sum = sum.add(value.mul(Lanes.loadInts(weights, weight * Integer.BYTES)));
          }
        }
        sum.intoMemorySegment(y, (at + c) * Integer.BYTES, Lanes.ORDER);
      }
      for (int c = whole; c < g.channels(); c++) {
        int sum = 0;
        for (int ky = window.firstTap(); ky < window.lastTap(); ky++) {
          for (int kx = window.firstTap(column); kx < window.lastTap(column); kx++) {
            long from = xOffset + window.pixel(ky, column, kx) * g.channels() + c;
            long weight = ((long) ky * g.kernelWidth() + kx) * g.channels() + c;
            int value = (x.get(ValueLayout.JAVA_BYTE, from) & mask) - xZeroPoint;
            sum += value * weights.get(Lanes.INT, weight * Integer.BYTES);
          }
        }
        y.set(Lanes.INT, (at + c) * Integer.BYTES, sum);
      }
    }
  }
}
