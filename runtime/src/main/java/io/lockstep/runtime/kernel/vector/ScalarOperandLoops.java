package io.lockstep.runtime.kernel.vector;

import static io.lockstep.runtime.kernel.vector.Lanes.BYTES;
import static io.lockstep.runtime.kernel.vector.Lanes.FLOATS;
import static io.lockstep.runtime.kernel.vector.Lanes.ORDER;

import io.lockstep.runtime.kernel.BinaryFunction;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Functions of a float and one that is the same for all, over whole vectors: x and z are float
 * [count] from byte offsets, count a multiple of {@link Lanes#COUNT}.
 */
final class ScalarOperandLoops {

  private ScalarOperandLoops() {}

  /** Whether there is a loop for f(x, scalar). */
  static boolean hasRight(BinaryFunction function, float scalar) {
    return function != BinaryFunction.POW || scalar == 2 || scalar == 3;
  }

  /** z = f(x, scalar). */
  static void runRight(
      BinaryFunction function,
      MemorySegment x,
      long from,
      float scalar,
      MemorySegment z,
      long to,
      long count) {
    switch (function) {
      case ADD -> addScalar(x, from, z, to, count, scalar);
      case SUB -> addScalar(x, from, z, to, count, -scalar);
      case MUL -> multiplyScalar(x, from, z, to, count, scalar);
      case DIV -> divideScalar(x, from, z, to, count, scalar);
      case MIN -> minimumScalar(x, from, z, to, count, scalar);
      case MAX -> maximumScalar(x, from, z, to, count, scalar);
      case PRELU -> preluScalar(x, from, z, to, count, scalar);
      case POW -> {
        if (scalar == 2) {
          squares(x, from, z, to, count);
        } else {
          cubes(x, from, z, to, count);
        }
      }
    }
  }

  /** Whether there is a loop for f(scalar, x). */
  static boolean hasLeft(BinaryFunction function) {
    return function != BinaryFunction.POW && function != BinaryFunction.PRELU;
  }

  /** z = f(scalar, x). */
  static void runLeft(
      BinaryFunction function,
      float scalar,
      MemorySegment x,
      long from,
      MemorySegment z,
      long to,
      long count) {
    switch (function) {
      case ADD -> addScalar(x, from, z, to, count, scalar);
      case SUB -> subtractFrom(x, from, z, to, count, scalar);
      case MUL -> multiplyScalar(x, from, z, to, count, scalar);
      case DIV -> divideInto(x, from, z, to, count, scalar);
      case MIN -> minimumScalar(x, from, z, to, count, scalar);
      case MAX -> maximumScalar(x, from, z, to, count, scalar);
      case PRELU, POW -> throw new IllegalArgumentException("no vector loop for " + function);
    }
  }

  private static void addScalar(
      MemorySegment x, long from, MemorySegment z, long to, long count, float scalar) {
    for (long i = 0; i < count * Float.BYTES; i += BYTES) {
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, x, from + i, ORDER);
      v.add(scalar).intoMemorySegment(z, to + i, ORDER);
    }
  }

  private static void multiplyScalar(
      MemorySegment x, long from, MemorySegment z, long to, long count, float scalar) {
    for (long i = 0; i < count * Float.BYTES; i += BYTES) {
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, x, from + i, ORDER);
      v.mul(scalar).intoMemorySegment(z, to + i, ORDER);
    }
  }

  private static void divideScalar(
      MemorySegment x, long from, MemorySegment z, long to, long count, float scalar) {
    for (long i = 0; i < count * Float.BYTES; i += BYTES) {
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, x, from + i, ORDER);
      v.div(scalar).intoMemorySegment(z, to + i, ORDER);
    }
  }

  private static void minimumScalar(
      MemorySegment x, long from, MemorySegment z, long to, long count, float scalar) {
    for (long i = 0; i < count * Float.BYTES; i += BYTES) {
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, x, from + i, ORDER);
      v.min(scalar).intoMemorySegment(z, to + i, ORDER);
    }
  }

  private static void maximumScalar(
      MemorySegment x, long from, MemorySegment z, long to, long count, float scalar) {
    for (long i = 0; i < count * Float.BYTES; i += BYTES) {
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, x, from + i, ORDER);
      v.max(scalar).intoMemorySegment(z, to + i, ORDER);
    }
  }

  private static void preluScalar(
      MemorySegment x, long from, MemorySegment z, long to, long count, float scalar) {
    for (long i = 0; i < count * Float.BYTES; i += BYTES) {
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, x, from + i, ORDER);
      v.blend(v.mul(scalar), v.compare(VectorOperators.LT, 0f)).intoMemorySegment(z, to + i, ORDER);
    }
  }

  private static void squares(MemorySegment x, long from, MemorySegment z, long to, long count) {
    for (long i = 0; i < count * Float.BYTES; i += BYTES) {
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, x, from + i, ORDER);
      v.mul(v).intoMemorySegment(z, to + i, ORDER);
    }
  }

  private static void cubes(MemorySegment x, long from, MemorySegment z, long to, long count) {
    for (long i = 0; i < count * Float.BYTES; i += BYTES) {
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, x, from + i, ORDER);
      v.mul(v).mul(v).intoMemorySegment(z, to + i, ORDER);
    }
  }

  private static void subtractFrom(
      MemorySegment x, long from, MemorySegment z, long to, long count, float scalar) {
    for (long i = 0; i < count * Float.BYTES; i += BYTES) {
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, x, from + i, ORDER);
      FloatVector.broadcast(FLOATS, scalar).sub(v).intoMemorySegment(z, to + i, ORDER);
    }
  }

  private static void divideInto(
      MemorySegment x, long from, MemorySegment z, long to, long count, float scalar) {
    for (long i = 0; i < count * Float.BYTES; i += BYTES) {
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, x, from + i, ORDER);
      FloatVector.broadcast(FLOATS, scalar).div(v).intoMemorySegment(z, to + i, ORDER);
    }
  }
}
