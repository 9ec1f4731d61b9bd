package io.lockstep.runtime.kernel.vector;

import static io.lockstep.runtime.kernel.vector.Lanes.BYTES;
import static io.lockstep.runtime.kernel.vector.Lanes.COUNT;
import static io.lockstep.runtime.kernel.vector.Lanes.FLOATS;
import static io.lockstep.runtime.kernel.vector.Lanes.ORDER;

import io.lockstep.runtime.kernel.ConvGeometry;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;

/**
 * The layout of an image with its padding, its rows and columns sorted by their remainder modulo
 * the strides: float [channels, strideHeight, strideWidth, phase rows, phase width].
 *
 * <p>In it, what a tap of the kernel sees at successive output columns are neighbours, whatever the
 * stride, and what it sees in the next output row follows one phase width later. Outputs are
 * therefore counted by "flat" positions, {@code row * width() + column}, of which those with a
 * column beyond the output's width mean nothing.
 */
final class PaddedImage {

  private final ConvGeometry g;
  private final int width;
  private final int rows;

  PaddedImage(ConvGeometry g) {
    this.g = g;
    this.width = g.outputWidth() + (g.kernelWidth() - 1) * g.dilationWidth() / g.strideWidth();
    this.rows = g.outputHeight() + (g.kernelHeight() - 1) * g.dilationHeight() / g.strideHeight();
  }

  /** Flat positions from one output row to the next. */
  int width() {
    return width;
  }

  /** Flat positions from the first output to the last one. */
  int flatLength() {
    return (g.outputHeight() - 1) * width + g.outputWidth();
  }

  /** Floats of one channel. */
  long channelFloats() {
    return (long) g.strideHeight() * g.strideWidth() * rows * width;
  }

  /** Bytes of so many channels, with the panel that may be read past their end. */
  long bytes(int channels) {
    return (channels * channelFloats() + GemmTiles.PANEL) * Float.BYTES;
  }

  /** What one tap sees at flat position 0, in floats from the start of a channel. */
  long tapOffset(int ky, int kx) {
    int down = ky * g.dilationHeight();
    int right = kx * g.dilationWidth();
    long phase = (long) (down % g.strideHeight()) * g.strideWidth() + right % g.strideWidth();
    long row = phase * rows + down / g.strideHeight();
    return row * width + right / g.strideWidth();
  }

  /** Lays out one channel from float [height, width] at index {@code plane} of x. */
  void fillChannel(MemorySegment x, long plane, MemorySegment to, long toByte) {
    long at = toByte;
    for (int down = 0; down < g.strideHeight(); down++) {
      for (int right = 0; right < g.strideWidth(); right++) {
        for (int row = 0; row < rows; row++) {
          int y = row * g.strideHeight() + down - g.padTop();
          if (y >= 0 && y < g.height()) {
            fillRow(x, plane + (long) y * g.width(), right, to, at);
          } else {
            zero(to, at, width);
          }
          at += (long) width * Float.BYTES;
        }
      }
    }
  }

  private void fillRow(MemorySegment x, long line, int right, MemorySegment to, long toByte) {
    int stride = g.strideWidth();
    int shift = g.padLeft() - right;
    int first = Math.clamp(Math.ceilDiv(shift, stride), 0, width);
    int last = Math.clamp(Math.ceilDiv(g.width() + shift, stride), first, width);
    zero(to, toByte, first);
    long from = (line + (long) first * stride - shift) * Float.BYTES;
    if (stride == 1) {
      copy(x, from, to, toByte + (long) first * Float.BYTES, last - first);
    } else {
      pick(x, from, stride, to, toByte + (long) first * Float.BYTES, last - first);
    }
    zero(to, toByte + (long) last * Float.BYTES, width - last);
  }

  private static void zero(MemorySegment to, long toByte, int count) {
    for (int i = 0; i < count; i++) {
      to.set(Lanes.FLOAT, toByte + (long) i * Float.BYTES, 0f);
    }
  }

  private static void pick(
      MemorySegment x, long from, int stride, MemorySegment to, long toByte, int count) {
    for (int i = 0; i < count; i++) {
      float value = x.get(Lanes.FLOAT, from + (long) i * stride * Float.BYTES);
      to.set(Lanes.FLOAT, toByte + (long) i * Float.BYTES, value);
    }
  }

  /** Copies 4-byte elements between memory that does not overlap. */
  static void copy(MemorySegment from, long fromByte, MemorySegment to, long toByte, int count) {
    if (count < COUNT) {
      copyFew(from, fromByte, to, toByte, count);
      return;
    }
    long last = (long) (count - COUNT) * Float.BYTES;
    for (long i = 0; i < last; i += BYTES) {
      FloatVector.fromMemorySegment(FLOATS, from, fromByte + i, ORDER)
          .intoMemorySegment(to, toByte + i, ORDER);
    }
    FloatVector.fromMemorySegment(FLOATS, from, fromByte + last, ORDER)
        .intoMemorySegment(to, toByte + last, ORDER);
  }

  private static void copyFew(
      MemorySegment from, long fromByte, MemorySegment to, long toByte, int count) {
    for (int i = 0; i < count; i++) {
      long at = (long) i * Integer.BYTES;
      to.set(
          ValueLayout.JAVA_INT_UNALIGNED,
          toByte + at,
          from.get(ValueLayout.JAVA_INT_UNALIGNED, fromByte + at));
    }
  }

  /**
   * What every tap of some channels sees at one panel of flat positions: float [channels *
   * kernelHeight * kernelWidth, PANEL].
   *
   * @param from the first channel at the panel's first flat position, in bytes
   */
  void gather(int channels, MemorySegment image, long from, MemorySegment panel, long to) {
    int taps = g.kernelHeight() * g.kernelWidth();
    long rowBytes = (long) GemmTiles.PANEL * Float.BYTES;
    for (int tap = 0; tap < taps; tap++) {
      long offset = tapOffset(tap / g.kernelWidth(), tap % g.kernelWidth()) * Float.BYTES;
      for (long column = 0; column < rowBytes; column += BYTES) {
        copyColumn(
            channels,
            image,
            from + offset + column,
            channelFloats() * Float.BYTES,
            panel,
            to + tap * rowBytes + column,
            taps * rowBytes);
      }
    }
  }

  /** One vector of each channel. */
  private static void copyColumn(
      int channels,
      MemorySegment image,
      long from,
      long fromStep,
      MemorySegment panel,
      long to,
      long toStep) {
    for (int channel = 0; channel < channels; channel++) {
      FloatVector.fromMemorySegment(FLOATS, image, from + channel * fromStep, ORDER)
          .intoMemorySegment(panel, to + channel * toStep, ORDER);
    }
  }

  /**
   * Copies the outputs among one panel of flat positions to where they belong.
   *
   * @param rows planes, PANEL elements apart in the tile and {@code outputSize} apart in y
   * @param yOffset the first plane's index in y
   */
  void scatter(
      int flat, int rows, MemorySegment tile, long tileByte, MemorySegment y, long yOffset) {
    int end = Math.min(flat + GemmTiles.PANEL, flatLength());
    int position = flat;
    while (position < end) {
      int row = position / width;
      int column = position % width;
      int run = Math.min(end - position, g.outputWidth() - column);
      if (run > 0) {
        long to = yOffset + (long) row * g.outputWidth() + column;
        scatterRun(rows, run, tile, tileByte + (long) (position - flat) * Float.BYTES, y, to);
      }
      position += Math.min(end - position, width - column);
    }
  }

  private void scatterRun(
      int rows, int run, MemorySegment tile, long tileByte, MemorySegment y, long to) {
    for (int row = 0; row < rows; row++) {
      copy(
          tile,
          tileByte + (long) row * GemmTiles.PANEL * Float.BYTES,
          y,
          (to + (long) row * g.outputSize()) * Float.BYTES,
          run);
    }
  }

  /** How many outputs there are before a flat position. */
  int outputsBefore(int flat) {
    int end = Math.min(flat, flatLength());
    return end / width * g.outputWidth() + Math.min(end % width, g.outputWidth());
  }
}
