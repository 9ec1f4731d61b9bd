package io.lockstep.runtime.kernel.vector;

import static io.lockstep.runtime.kernel.vector.Lanes.BYTES;
import static io.lockstep.runtime.kernel.vector.Lanes.FLOATS;
import static io.lockstep.runtime.kernel.vector.Lanes.ORDER;

import io.lockstep.runtime.kernel.Activation;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Functions of one float over whole vectors: x and y are float [count] from byte offsets, count a
 * multiple of {@link Lanes#COUNT}. Each function has a loop of its own although the loops are
 * alike: one that took the function as a parameter would not be compiled to vector instructions.
 */
final class UnaryLoops {

  private UnaryLoops() {}

  /** Whether there is a loop of vectors for this function. */
  static boolean has(Activation function) {
    return switch (function.function()) {
      case IDENTITY, ELU, SOFTPLUS, FLOOR, CEIL, ROUND -> false;
      case RELU, EXP, LOG, SIGMOID, TANH, ERF, GELU, GELU_TANH, SQRT, SQUARE, RECIPROCAL -> true;
      case NEG, ABS, SWISH, LEAKY_RELU, CLIP, HARD_SIGMOID, HARD_SWISH, SOFTSIGN, AFFINE -> true;
    };
  }

  static void run(
      Activation function, MemorySegment x, long from, MemorySegment y, long to, long count) {
    float alpha = function.alpha();
    float beta = function.beta();
    switch (function.function()) {
      case RELU -> relu(x, from, y, to, count);
      case EXP -> VectorMath.exp(x, from, 0, y, to, count);
      case LOG -> VectorMath.log(x, from, y, to, count);
      case SIGMOID -> VectorMath.sigmoid(x, from, y, to, count);
      case TANH -> VectorMath.tanh(x, from, y, to, count);
      case ERF -> VectorMath.erf(x, from, y, to, count);
      case GELU -> VectorMath.gelu(x, from, y, to, count);
      case GELU_TANH -> VectorMath.geluTanh(x, from, y, to, count);
      case SQRT -> sqrt(x, from, y, to, count);
      case SQUARE -> square(x, from, y, to, count);
      case RECIPROCAL -> reciprocal(x, from, y, to, count);
      case NEG -> negate(x, from, y, to, count);
      case ABS -> absolute(x, from, y, to, count);
      case SWISH -> VectorMath.swish(x, from, y, to, count, alpha);
      case LEAKY_RELU -> leakyRelu(x, from, y, to, count, alpha);
      case CLIP -> clip(x, from, y, to, count, alpha, beta);
      case HARD_SIGMOID -> hardSigmoid(x, from, y, to, count, alpha, beta);
      case HARD_SWISH -> hardSwish(x, from, y, to, count);
      case SOFTSIGN -> softsign(x, from, y, to, count);
      case AFFINE -> affine(x, from, y, to, count, alpha, beta);
      case IDENTITY, ELU, SOFTPLUS, FLOOR, CEIL, ROUND ->
          throw new IllegalArgumentException("no vector loop for " + function);
    }
  }

  private static void relu(MemorySegment x, long from, MemorySegment y, long to, long count) {
    for (long i = 0; i < count * Float.BYTES; i += BYTES) {
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, x, from + i, ORDER);
      v.blend(0f, v.compare(VectorOperators.LT, 0f)).intoMemorySegment(y, to + i, ORDER);
    }
  }

  private static void sqrt(MemorySegment x, long from, MemorySegment y, long to, long count) {
    for (long i = 0; i < count * Float.BYTES; i += BYTES) {
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, x, from + i, ORDER);
      v.sqrt().intoMemorySegment(y, to + i, ORDER);
    }
  }

  private static void square(MemorySegment x, long from, MemorySegment y, long to, long count) {
    for (long i = 0; i < count * Float.BYTES; i += BYTES) {
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, x, from + i, ORDER);
      v.mul(v).intoMemorySegment(y, to + i, ORDER);
    }
  }

  private static void reciprocal(MemorySegment x, long from, MemorySegment y, long to, long count) {
    for (long i = 0; i < count * Float.BYTES; i += BYTES) {
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, x, from + i, ORDER);
      FloatVector.broadcast(FLOATS, 1f).div(v).intoMemorySegment(y, to + i, ORDER);
    }
  }

  private static void negate(MemorySegment x, long from, MemorySegment y, long to, long count) {
    for (long i = 0; i < count * Float.BYTES; i += BYTES) {
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, x, from + i, ORDER);
      v.neg().intoMemorySegment(y, to + i, ORDER);
    }
  }

  private static void absolute(MemorySegment x, long from, MemorySegment y, long to, long count) {
    for (long i = 0; i < count * Float.BYTES; i += BYTES) {
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, x, from + i, ORDER);
      v.abs().intoMemorySegment(y, to + i, ORDER);
    }
  }

  private static void leakyRelu(
      MemorySegment x, long from, MemorySegment y, long to, long count, float alpha) {
    for (long i = 0; i < count * Float.BYTES; i += BYTES) {
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, x, from + i, ORDER);
      v.blend(v.mul(alpha), v.compare(VectorOperators.LT, 0f)).intoMemorySegment(y, to + i, ORDER);
    }
  }

  private static void clip(
      MemorySegment x, long from, MemorySegment y, long to, long count, float alpha, float beta) {
    for (long i = 0; i < count * Float.BYTES; i += BYTES) {
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, x, from + i, ORDER);
      FloatVector raised = v.blend(alpha, v.compare(VectorOperators.LT, alpha));
      raised
          .blend(beta, raised.compare(VectorOperators.GT, beta))
          .intoMemorySegment(y, to + i, ORDER);
    }
  }

  private static void hardSigmoid(
      MemorySegment x, long from, MemorySegment y, long to, long count, float alpha, float beta) {
    for (long i = 0; i < count * Float.BYTES; i += BYTES) {
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, x, from + i, ORDER);
      v.mul(alpha).add(beta).max(0f).min(1f).intoMemorySegment(y, to + i, ORDER);
    }
  }

  private static void hardSwish(MemorySegment x, long from, MemorySegment y, long to, long count) {
    for (long i = 0; i < count * Float.BYTES; i += BYTES) {
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, x, from + i, ORDER);
      v.mul(v.mul(1 / 6f).add(0.5f).max(0f).min(1f)).intoMemorySegment(y, to + i, ORDER);
    }
  }

  private static void softsign(MemorySegment x, long from, MemorySegment y, long to, long count) {
    for (long i = 0; i < count * Float.BYTES; i += BYTES) {
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, x, from + i, ORDER);
      v.div(v.abs().add(1f)).intoMemorySegment(y, to + i, ORDER);
    }
  }

  private static void affine(
      MemorySegment x, long from, MemorySegment y, long to, long count, float alpha, float beta) {
    for (long i = 0; i < count * Float.BYTES; i += BYTES) {
      FloatVector v = FloatVector.fromMemorySegment(FLOATS, x, from + i, ORDER);
      v.mul(alpha).add(beta).intoMemorySegment(y, to + i, ORDER);
    }
  }
}
