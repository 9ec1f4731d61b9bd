package io.lockstep.runtime.kernel.vector;

import static io.lockstep.runtime.kernel.vector.Lanes.BYTES;
import static io.lockstep.runtime.kernel.vector.Lanes.FLOATS;
import static io.lockstep.runtime.kernel.vector.Lanes.ORDER;

import io.lockstep.runtime.kernel.BinaryFunction;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Functions of two floats over whole vectors: operands and results are float [count] from byte
 * offsets, count a multiple of {@link Lanes#COUNT}.
 */
final class BinaryLoops {

  private BinaryLoops() {}

  /** Whether there is a loop for two arrays. */
  static boolean has(BinaryFunction function) {
    return switch (function) {
      case ADD, SUB, MUL, DIV, MIN, MAX, PRELU -> true;
      case POW -> false;
    };
  }

  static void run(
      BinaryFunction function,
      MemorySegment x,
      long left,
      MemorySegment y,
      long right,
      MemorySegment z,
      long to,
      long count) {
    switch (function) {
      case ADD -> add(x, left, y, right, z, to, count);
      case SUB -> subtract(x, left, y, right, z, to, count);
      case MUL -> multiply(x, left, y, right, z, to, count);
      case DIV -> divide(x, left, y, right, z, to, count);
      case MIN -> minimum(x, left, y, right, z, to, count);
      case MAX -> maximum(x, left, y, right, z, to, count);
      case PRELU -> prelu(x, left, y, right, z, to, count);
      case POW -> throw new IllegalArgumentException("no vector loop for powers");
    }
  }

  private static void add(
      MemorySegment x,
      long left,
      MemorySegment y,
      long right,
      MemorySegment z,
      long to,
      long count) {
    for (long i = 0; i < count * Float.BYTES; i += BYTES) {
      FloatVector a = FloatVector.fromMemorySegment(FLOATS, x, left + i, ORDER);
      FloatVector b = FloatVector.fromMemorySegment(FLOATS, y, right + i, ORDER);
      a.add(b).intoMemorySegment(z, to + i, ORDER);
    }
  }

  private static void subtract(
      MemorySegment x,
      long left,
      MemorySegment y,
      long right,
      MemorySegment z,
      long to,
      long count) {
    for (long i = 0; i < count * Float.BYTES; i += BYTES) {
      FloatVector a = FloatVector.fromMemorySegment(FLOATS, x, left + i, ORDER);
      FloatVector b = FloatVector.fromMemorySegment(FLOATS, y, right + i, ORDER);
      a.sub(b).intoMemorySegment(z, to + i, ORDER);
    }
  }

  private static void multiply(
      MemorySegment x,
      long left,
      MemorySegment y,
      long right,
      MemorySegment z,
      long to,
      long count) {
    for (long i = 0; i < count * Float.BYTES; i += BYTES) {
      FloatVector a = FloatVector.fromMemorySegment(FLOATS, x, left + i, ORDER);
      FloatVector b = FloatVector.fromMemorySegment(FLOATS, y, right + i, ORDER);
      a.mul(b).intoMemorySegment(z, to + i, ORDER);
    }
  }

  private static void divide(
      MemorySegment x,
      long left,
      MemorySegment y,
      long right,
      MemorySegment z,
      long to,
      long count) {
    for (long i = 0; i < count * Float.BYTES; i += BYTES) {
      FloatVector a = FloatVector.fromMemorySegment(FLOATS, x, left + i, ORDER);
      FloatVector b = FloatVector.fromMemorySegment(FLOATS, y, right + i, ORDER);
      a.div(b).intoMemorySegment(z, to + i, ORDER);
    }
  }

  private static void minimum(
      MemorySegment x,
      long left,
      MemorySegment y,
      long right,
      MemorySegment z,
      long to,
      long count) {
    for (long i = 0; i < count * Float.BYTES; i += BYTES) {
      FloatVector a = FloatVector.fromMemorySegment(FLOATS, x, left + i, ORDER);
      FloatVector b = FloatVector.fromMemorySegment(FLOATS, y, right + i, ORDER);
      a.min(b).intoMemorySegment(z, to + i, ORDER);
    }
  }

  private static void maximum(
      MemorySegment x,
      long left,
      MemorySegment y,
      long right,
      MemorySegment z,
      long to,
      long count) {
    for (long i = 0; i < count * Float.BYTES; i += BYTES) {
      FloatVector a = FloatVector.fromMemorySegment(FLOATS, x, left + i, ORDER);
      FloatVector b = FloatVector.fromMemorySegment(FLOATS, y, right + i, ORDER);
      a.max(b).intoMemorySegment(z, to + i, ORDER);
    }
  }

  private static void prelu(
      MemorySegment x,
      long left,
      MemorySegment y,
      long right,
      MemorySegment z,
      long to,
      long count) {
    for (long i = 0; i < count * Float.BYTES; i += BYTES) {
      FloatVector a = FloatVector.fromMemorySegment(FLOATS, x, left + i, ORDER);
      FloatVector b = FloatVector.fromMemorySegment(FLOATS, y, right + i, ORDER);
      a.blend(b.mul(a), a.compare(VectorOperators.LT, 0f)).intoMemorySegment(z, to + i, ORDER);
    }
  }
}
