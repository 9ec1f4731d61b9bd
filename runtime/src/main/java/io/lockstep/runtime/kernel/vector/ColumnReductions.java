package io.lockstep.runtime.kernel.vector;

import static io.lockstep.runtime.kernel.vector.Lanes.BYTES;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Reductions over the rows of float [length, inner], a vector of columns at a time. Offsets count
 * bytes. Sums keep the order of {@link RowSums}; the result is float [inner].
 */
final class ColumnReductions {

  private ColumnReductions() {}

  static void sum(MemorySegment x, long from, int length, int inner, MemorySegment y, long to) {
    MemorySegment parts = ThreadScratch.get();
    long rowBytes = (long) inner * Float.BYTES;
    for (long column = 0; column < rowBytes; column += BYTES) {
      VectorMask<Float> mask = Lanes.tail(column / Float.BYTES, inner);
      clear(parts);
      for (int i = 0; i < length; i++) {
        long part = ThreadScratch.BLOCK_AT + i % RowSums.PARTS * BYTES;
        FloatVector v = Lanes.load(x, from + i * rowBytes + column, mask);
        Lanes.store(Lanes.load(parts, part).add(v), parts, part);
      }
      combine(parts, y, to + column, mask);
    }
  }

  static void sumOfMagnitudes(
      MemorySegment x, long from, int length, int inner, MemorySegment y, long to) {
    MemorySegment parts = ThreadScratch.get();
    long rowBytes = (long) inner * Float.BYTES;
    for (long column = 0; column < rowBytes; column += BYTES) {
      VectorMask<Float> mask = Lanes.tail(column / Float.BYTES, inner);
      clear(parts);
      for (int i = 0; i < length; i++) {
        long part = ThreadScratch.BLOCK_AT + i % RowSums.PARTS * BYTES;
        FloatVector v = Lanes.load(x, from + i * rowBytes + column, mask);
        Lanes.store(Lanes.load(parts, part).add(v.abs()), parts, part);
      }
      combine(parts, y, to + column, mask);
    }
  }

  static void sumOfSquares(
      MemorySegment x, long from, int length, int inner, MemorySegment y, long to) {
    MemorySegment parts = ThreadScratch.get();
    long rowBytes = (long) inner * Float.BYTES;
    for (long column = 0; column < rowBytes; column += BYTES) {
      VectorMask<Float> mask = Lanes.tail(column / Float.BYTES, inner);
      clear(parts);
      for (int i = 0; i < length; i++) {
        long part = ThreadScratch.BLOCK_AT + i % RowSums.PARTS * BYTES;
        FloatVector v = Lanes.load(x, from + i * rowBytes + column, mask);
        Lanes.store(Lanes.load(parts, part).add(v.mul(v)), parts, part);
      }
      combine(parts, y, to + column, mask);
    }
  }

  static void max(MemorySegment x, long from, int length, int inner, MemorySegment y, long to) {
    long rowBytes = (long) inner * Float.BYTES;
    for (long column = 0; column < rowBytes; column += BYTES) {
      VectorMask<Float> mask = Lanes.tail(column / Float.BYTES, inner);
      FloatVector max = Lanes.all(Float.NEGATIVE_INFINITY);
      for (int i = 0; i < length; i++) {
        max = max.max(Lanes.load(x, from + i * rowBytes + column, mask));
      }
      Lanes.store(max, y, to + column, mask);
    }
  }

  static void min(MemorySegment x, long from, int length, int inner, MemorySegment y, long to) {
    long rowBytes = (long) inner * Float.BYTES;
    for (long column = 0; column < rowBytes; column += BYTES) {
      VectorMask<Float> mask = Lanes.tail(column / Float.BYTES, inner);
      FloatVector min = Lanes.all(Float.POSITIVE_INFINITY);
      for (int i = 0; i < length; i++) {
        min = min.min(Lanes.load(x, from + i * rowBytes + column, mask));
      }
      Lanes.store(min, y, to + column, mask);
    }
  }

  /** Sixteen vectors of partial sums, all zero. */
  private static void clear(MemorySegment parts) {
    FloatVector zero = Lanes.all(0);
    for (int part = 0; part < RowSums.PARTS; part++) {
      Lanes.store(zero, parts, ThreadScratch.BLOCK_AT + part * BYTES);
    }
  }

  private static void combine(
      MemorySegment parts, MemorySegment y, long to, VectorMask<Float> mask) {
    for (int half = RowSums.PARTS / 2; half > 0; half /= 2) {
      for (int part = 0; part < half; part++) {
        long at = ThreadScratch.BLOCK_AT + part * BYTES;
        FloatVector other = Lanes.load(parts, at + half * BYTES);
        Lanes.store(Lanes.load(parts, at).add(other), parts, at);
      }
    }
    Lanes.store(Lanes.load(parts, ThreadScratch.BLOCK_AT), y, to, mask);
  }
}
