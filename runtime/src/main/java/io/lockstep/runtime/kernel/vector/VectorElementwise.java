package io.lockstep.runtime.kernel.vector;

import io.lockstep.runtime.kernel.Activation;
import io.lockstep.runtime.kernel.BinaryFunction;
import io.lockstep.runtime.kernel.Elementwise;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Functions of single elements. Each has a loop of its own although the loops are alike: one that
 * took the function as a parameter would not be compiled to vector instructions.
 */
final class VectorElementwise implements Elementwise {

  private final Elementwise scalar;

  /**
   * The vector loops.
   *
   * @param scalar takes over the functions that are not worth a loop of vectors
   */
  VectorElementwise(Elementwise scalar) {
    this.scalar = scalar;
  }

  @Override
  public void unary(
      Activation function,
      MemorySegment x,
      long xOffset,
      MemorySegment y,
      long yOffset,
      long count) {
    long from = xOffset * Float.BYTES;
    long to = yOffset * Float.BYTES;
    float alpha = function.alpha();
    float beta = function.beta();
    switch (function.function()) {
      case IDENTITY -> copy(x, from, y, to, count);
      case RELU -> relu(x, from, y, to, count);
      case EXP -> exp(x, from, y, to, count);
      case SIGMOID -> sigmoid(x, from, y, to, count);
      case TANH -> tanh(x, from, y, to, count);
      case ERF -> erf(x, from, y, to, count);
      case GELU -> gelu(x, from, y, to, count);
      case GELU_TANH -> geluTanh(x, from, y, to, count);
      case SQRT -> sqrt(x, from, y, to, count);
      case SQUARE -> square(x, from, y, to, count);
      case RECIPROCAL -> reciprocal(x, from, y, to, count);
      case NEG -> negate(x, from, y, to, count);
      case ABS -> absolute(x, from, y, to, count);
      case SWISH -> swish(x, from, y, to, count, alpha);
      case LEAKY_RELU -> leakyRelu(x, from, y, to, count, alpha);
      case CLIP -> clip(x, from, y, to, count, alpha, beta);
      case HARD_SIGMOID -> hardSigmoid(x, from, y, to, count, alpha, beta);
      case HARD_SWISH -> hardSwish(x, from, y, to, count);
      case AFFINE -> affine(x, from, y, to, count, alpha, beta);
      case LOG, ELU, SOFTPLUS, SOFTSIGN, FLOOR, CEIL, ROUND ->
          scalar.unary(function, x, xOffset, y, yOffset, count);
    }
  }

  private static void copy(MemorySegment x, long from, MemorySegment y, long to, long count) {
    if (from != to || !x.equals(y)) {
      MemorySegment.copy(x, from, y, to, count * Float.BYTES);
    }
  }

  private static void relu(MemorySegment x, long from, MemorySegment y, long to, long count) {
    long i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector v = Lanes.load(x, from + i * Float.BYTES);
      Lanes.store(v.max(0f), y, to + i * Float.BYTES);
    }
    if (i < count) {
      VectorMask<Float> rest = Lanes.tail(i, count);
      FloatVector v = Lanes.load(x, from + i * Float.BYTES, rest);
      Lanes.store(v.max(0f), y, to + i * Float.BYTES, rest);
    }
  }

  private static void exp(MemorySegment x, long from, MemorySegment y, long to, long count) {
    long i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector v = Lanes.load(x, from + i * Float.BYTES);
      Lanes.store(VectorMath.exp(v), y, to + i * Float.BYTES);
    }
    if (i < count) {
      VectorMask<Float> rest = Lanes.tail(i, count);
      FloatVector v = Lanes.load(x, from + i * Float.BYTES, rest);
      Lanes.store(VectorMath.exp(v), y, to + i * Float.BYTES, rest);
    }
  }

  private static void sigmoid(MemorySegment x, long from, MemorySegment y, long to, long count) {
    long i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector v = Lanes.load(x, from + i * Float.BYTES);
      Lanes.store(VectorMath.sigmoid(v), y, to + i * Float.BYTES);
    }
    if (i < count) {
      VectorMask<Float> rest = Lanes.tail(i, count);
      FloatVector v = Lanes.load(x, from + i * Float.BYTES, rest);
      Lanes.store(VectorMath.sigmoid(v), y, to + i * Float.BYTES, rest);
    }
  }

  private static void tanh(MemorySegment x, long from, MemorySegment y, long to, long count) {
    long i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector v = Lanes.load(x, from + i * Float.BYTES);
      Lanes.store(VectorMath.tanh(v), y, to + i * Float.BYTES);
    }
    if (i < count) {
      VectorMask<Float> rest = Lanes.tail(i, count);
      FloatVector v = Lanes.load(x, from + i * Float.BYTES, rest);
      Lanes.store(VectorMath.tanh(v), y, to + i * Float.BYTES, rest);
    }
  }

  private static void erf(MemorySegment x, long from, MemorySegment y, long to, long count) {
    long i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector v = Lanes.load(x, from + i * Float.BYTES);
      Lanes.store(VectorMath.erf(v), y, to + i * Float.BYTES);
    }
    if (i < count) {
      VectorMask<Float> rest = Lanes.tail(i, count);
      FloatVector v = Lanes.load(x, from + i * Float.BYTES, rest);
      Lanes.store(VectorMath.erf(v), y, to + i * Float.BYTES, rest);
    }
  }

  private static void gelu(MemorySegment x, long from, MemorySegment y, long to, long count) {
    long i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector v = Lanes.load(x, from + i * Float.BYTES);
      Lanes.store(VectorMath.gelu(v), y, to + i * Float.BYTES);
    }
    if (i < count) {
      VectorMask<Float> rest = Lanes.tail(i, count);
      FloatVector v = Lanes.load(x, from + i * Float.BYTES, rest);
      Lanes.store(VectorMath.gelu(v), y, to + i * Float.BYTES, rest);
    }
  }

  private static void geluTanh(MemorySegment x, long from, MemorySegment y, long to, long count) {
    long i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector v = Lanes.load(x, from + i * Float.BYTES);
      Lanes.store(VectorMath.geluTanh(v), y, to + i * Float.BYTES);
    }
    if (i < count) {
      VectorMask<Float> rest = Lanes.tail(i, count);
      FloatVector v = Lanes.load(x, from + i * Float.BYTES, rest);
      Lanes.store(VectorMath.geluTanh(v), y, to + i * Float.BYTES, rest);
    }
  }

  private static void sqrt(MemorySegment x, long from, MemorySegment y, long to, long count) {
    long i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector v = Lanes.load(x, from + i * Float.BYTES);
      Lanes.store(v.sqrt(), y, to + i * Float.BYTES);
    }
    if (i < count) {
      VectorMask<Float> rest = Lanes.tail(i, count);
      FloatVector v = Lanes.load(x, from + i * Float.BYTES, rest);
      Lanes.store(v.sqrt(), y, to + i * Float.BYTES, rest);
    }
  }

  private static void square(MemorySegment x, long from, MemorySegment y, long to, long count) {
    long i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector v = Lanes.load(x, from + i * Float.BYTES);
      Lanes.store(v.mul(v), y, to + i * Float.BYTES);
    }
    if (i < count) {
      VectorMask<Float> rest = Lanes.tail(i, count);
      FloatVector v = Lanes.load(x, from + i * Float.BYTES, rest);
      Lanes.store(v.mul(v), y, to + i * Float.BYTES, rest);
    }
  }

  private static void reciprocal(MemorySegment x, long from, MemorySegment y, long to, long count) {
    long i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector v = Lanes.load(x, from + i * Float.BYTES);
      Lanes.store(Lanes.all(1f).div(v), y, to + i * Float.BYTES);
    }
    if (i < count) {
      VectorMask<Float> rest = Lanes.tail(i, count);
      FloatVector v = Lanes.load(x, from + i * Float.BYTES, rest);
      Lanes.store(Lanes.all(1f).div(v), y, to + i * Float.BYTES, rest);
    }
  }

  private static void negate(MemorySegment x, long from, MemorySegment y, long to, long count) {
    long i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector v = Lanes.load(x, from + i * Float.BYTES);
      Lanes.store(v.neg(), y, to + i * Float.BYTES);
    }
    if (i < count) {
      VectorMask<Float> rest = Lanes.tail(i, count);
      FloatVector v = Lanes.load(x, from + i * Float.BYTES, rest);
      Lanes.store(v.neg(), y, to + i * Float.BYTES, rest);
    }
  }

  private static void absolute(MemorySegment x, long from, MemorySegment y, long to, long count) {
    long i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector v = Lanes.load(x, from + i * Float.BYTES);
      Lanes.store(v.abs(), y, to + i * Float.BYTES);
    }
    if (i < count) {
      VectorMask<Float> rest = Lanes.tail(i, count);
      FloatVector v = Lanes.load(x, from + i * Float.BYTES, rest);
      Lanes.store(v.abs(), y, to + i * Float.BYTES, rest);
    }
  }

  private static void swish(
      MemorySegment x, long from, MemorySegment y, long to, long count, float alpha) {
    long i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector v = Lanes.load(x, from + i * Float.BYTES);
      Lanes.store(v.mul(VectorMath.sigmoid(v.mul(alpha))), y, to + i * Float.BYTES);
    }
    if (i < count) {
      VectorMask<Float> rest = Lanes.tail(i, count);
      FloatVector v = Lanes.load(x, from + i * Float.BYTES, rest);
      Lanes.store(v.mul(VectorMath.sigmoid(v.mul(alpha))), y, to + i * Float.BYTES, rest);
    }
  }

  private static void leakyRelu(
      MemorySegment x, long from, MemorySegment y, long to, long count, float alpha) {
    long i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector v = Lanes.load(x, from + i * Float.BYTES);
      Lanes.store(
          v.blend(v.mul(alpha), v.compare(VectorOperators.LT, 0f)), y, to + i * Float.BYTES);
    }
    if (i < count) {
      VectorMask<Float> rest = Lanes.tail(i, count);
      FloatVector v = Lanes.load(x, from + i * Float.BYTES, rest);
      Lanes.store(
          v.blend(v.mul(alpha), v.compare(VectorOperators.LT, 0f)), y, to + i * Float.BYTES, rest);
    }
  }

  private static void clip(
      MemorySegment x, long from, MemorySegment y, long to, long count, float alpha, float beta) {
    long i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector v = Lanes.load(x, from + i * Float.BYTES);
      Lanes.store(v.max(alpha).min(beta), y, to + i * Float.BYTES);
    }
    if (i < count) {
      VectorMask<Float> rest = Lanes.tail(i, count);
      FloatVector v = Lanes.load(x, from + i * Float.BYTES, rest);
      Lanes.store(v.max(alpha).min(beta), y, to + i * Float.BYTES, rest);
    }
  }

  private static void hardSigmoid(
      MemorySegment x, long from, MemorySegment y, long to, long count, float alpha, float beta) {
    long i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector v = Lanes.load(x, from + i * Float.BYTES);
      Lanes.store(v.mul(alpha).add(beta).max(0f).min(1f), y, to + i * Float.BYTES);
    }
    if (i < count) {
      VectorMask<Float> rest = Lanes.tail(i, count);
      FloatVector v = Lanes.load(x, from + i * Float.BYTES, rest);
      Lanes.store(v.mul(alpha).add(beta).max(0f).min(1f), y, to + i * Float.BYTES, rest);
    }
  }

  private static void hardSwish(MemorySegment x, long from, MemorySegment y, long to, long count) {
    long i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector v = Lanes.load(x, from + i * Float.BYTES);
      Lanes.store(v.mul(v.mul(1 / 6f).add(0.5f).max(0f).min(1f)), y, to + i * Float.BYTES);
    }
    if (i < count) {
      VectorMask<Float> rest = Lanes.tail(i, count);
      FloatVector v = Lanes.load(x, from + i * Float.BYTES, rest);
      Lanes.store(v.mul(v.mul(1 / 6f).add(0.5f).max(0f).min(1f)), y, to + i * Float.BYTES, rest);
    }
  }

  private static void affine(
      MemorySegment x, long from, MemorySegment y, long to, long count, float alpha, float beta) {
    long i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector v = Lanes.load(x, from + i * Float.BYTES);
      Lanes.store(v.mul(alpha).add(beta), y, to + i * Float.BYTES);
    }
    if (i < count) {
      VectorMask<Float> rest = Lanes.tail(i, count);
      FloatVector v = Lanes.load(x, from + i * Float.BYTES, rest);
      Lanes.store(v.mul(alpha).add(beta), y, to + i * Float.BYTES, rest);
    }
  }

  @Override
  public void binary(
      BinaryFunction function,
      MemorySegment x,
      long xOffset,
      MemorySegment y,
      long yOffset,
      MemorySegment z,
      long zOffset,
      long count) {
    long left = xOffset * Float.BYTES;
    long right = yOffset * Float.BYTES;
    long to = zOffset * Float.BYTES;
    switch (function) {
      case ADD -> add(x, left, y, right, z, to, count);
      case SUB -> subtract(x, left, y, right, z, to, count);
      case MUL -> multiply(x, left, y, right, z, to, count);
      case DIV -> divide(x, left, y, right, z, to, count);
      case MIN -> minimum(x, left, y, right, z, to, count);
      case MAX -> maximum(x, left, y, right, z, to, count);
      case PRELU -> prelu(x, left, y, right, z, to, count);
      case POW -> scalar.binary(function, x, xOffset, y, yOffset, z, zOffset, count);
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
    long i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector a = Lanes.load(x, left + i * Float.BYTES);
      FloatVector b = Lanes.load(y, right + i * Float.BYTES);
      Lanes.store(a.add(b), z, to + i * Float.BYTES);
    }
    if (i < count) {
      VectorMask<Float> rest = Lanes.tail(i, count);
      FloatVector a = Lanes.load(x, left + i * Float.BYTES, rest);
      FloatVector b = Lanes.load(y, right + i * Float.BYTES, rest);
      Lanes.store(a.add(b), z, to + i * Float.BYTES, rest);
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
    long i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector a = Lanes.load(x, left + i * Float.BYTES);
      FloatVector b = Lanes.load(y, right + i * Float.BYTES);
      Lanes.store(a.sub(b), z, to + i * Float.BYTES);
    }
    if (i < count) {
      VectorMask<Float> rest = Lanes.tail(i, count);
      FloatVector a = Lanes.load(x, left + i * Float.BYTES, rest);
      FloatVector b = Lanes.load(y, right + i * Float.BYTES, rest);
      Lanes.store(a.sub(b), z, to + i * Float.BYTES, rest);
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
    long i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector a = Lanes.load(x, left + i * Float.BYTES);
      FloatVector b = Lanes.load(y, right + i * Float.BYTES);
      Lanes.store(a.mul(b), z, to + i * Float.BYTES);
    }
    if (i < count) {
      VectorMask<Float> rest = Lanes.tail(i, count);
      FloatVector a = Lanes.load(x, left + i * Float.BYTES, rest);
      FloatVector b = Lanes.load(y, right + i * Float.BYTES, rest);
      Lanes.store(a.mul(b), z, to + i * Float.BYTES, rest);
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
    long i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector a = Lanes.load(x, left + i * Float.BYTES);
      FloatVector b = Lanes.load(y, right + i * Float.BYTES);
      Lanes.store(a.div(b), z, to + i * Float.BYTES);
    }
    if (i < count) {
      VectorMask<Float> rest = Lanes.tail(i, count);
      FloatVector a = Lanes.load(x, left + i * Float.BYTES, rest);
      FloatVector b = Lanes.load(y, right + i * Float.BYTES, rest);
      Lanes.store(a.div(b), z, to + i * Float.BYTES, rest);
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
    long i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector a = Lanes.load(x, left + i * Float.BYTES);
      FloatVector b = Lanes.load(y, right + i * Float.BYTES);
      Lanes.store(a.min(b), z, to + i * Float.BYTES);
    }
    if (i < count) {
      VectorMask<Float> rest = Lanes.tail(i, count);
      FloatVector a = Lanes.load(x, left + i * Float.BYTES, rest);
      FloatVector b = Lanes.load(y, right + i * Float.BYTES, rest);
      Lanes.store(a.min(b), z, to + i * Float.BYTES, rest);
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
    long i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector a = Lanes.load(x, left + i * Float.BYTES);
      FloatVector b = Lanes.load(y, right + i * Float.BYTES);
      Lanes.store(a.max(b), z, to + i * Float.BYTES);
    }
    if (i < count) {
      VectorMask<Float> rest = Lanes.tail(i, count);
      FloatVector a = Lanes.load(x, left + i * Float.BYTES, rest);
      FloatVector b = Lanes.load(y, right + i * Float.BYTES, rest);
      Lanes.store(a.max(b), z, to + i * Float.BYTES, rest);
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
    long i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector a = Lanes.load(x, left + i * Float.BYTES);
      FloatVector b = Lanes.load(y, right + i * Float.BYTES);
      Lanes.store(a.blend(b.mul(a), a.compare(VectorOperators.LT, 0f)), z, to + i * Float.BYTES);
    }
    if (i < count) {
      VectorMask<Float> rest = Lanes.tail(i, count);
      FloatVector a = Lanes.load(x, left + i * Float.BYTES, rest);
      FloatVector b = Lanes.load(y, right + i * Float.BYTES, rest);
      Lanes.store(
          a.blend(b.mul(a), a.compare(VectorOperators.LT, 0f)), z, to + i * Float.BYTES, rest);
    }
  }

  @Override
  public void binaryScalarRight(
      BinaryFunction function,
      MemorySegment x,
      long xOffset,
      float y,
      MemorySegment z,
      long zOffset,
      long count) {
    long from = xOffset * Float.BYTES;
    long to = zOffset * Float.BYTES;
    switch (function) {
      case ADD -> addScalar(x, from, y, z, to, count);
      case SUB -> addScalar(x, from, -y, z, to, count);
      case MUL -> multiplyScalar(x, from, y, z, to, count);
      case DIV -> divideScalar(x, from, y, z, to, count);
      case PRELU -> leakyRelu(x, from, z, to, count, y);
      case MIN, MAX, POW -> scalar.binaryScalarRight(function, x, xOffset, y, z, zOffset, count);
    }
  }

  @Override
  public void binaryScalarLeft(
      BinaryFunction function,
      float x,
      MemorySegment y,
      long yOffset,
      MemorySegment z,
      long zOffset,
      long count) {
    long from = yOffset * Float.BYTES;
    long to = zOffset * Float.BYTES;
    switch (function) {
      case ADD -> addScalar(y, from, x, z, to, count);
      case MUL -> multiplyScalar(y, from, x, z, to, count);
      case SUB, DIV, PRELU, MIN, MAX, POW ->
          scalar.binaryScalarLeft(function, x, y, yOffset, z, zOffset, count);
    }
  }

  private static void addScalar(
      MemorySegment x, long from, float scalar, MemorySegment z, long to, long count) {
    long i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector v = Lanes.load(x, from + i * Float.BYTES);
      Lanes.store(v.add(scalar), z, to + i * Float.BYTES);
    }
    if (i < count) {
      VectorMask<Float> rest = Lanes.tail(i, count);
      FloatVector v = Lanes.load(x, from + i * Float.BYTES, rest);
      Lanes.store(v.add(scalar), z, to + i * Float.BYTES, rest);
    }
  }

  private static void multiplyScalar(
      MemorySegment x, long from, float scalar, MemorySegment z, long to, long count) {
    long i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector v = Lanes.load(x, from + i * Float.BYTES);
      Lanes.store(v.mul(scalar), z, to + i * Float.BYTES);
    }
    if (i < count) {
      VectorMask<Float> rest = Lanes.tail(i, count);
      FloatVector v = Lanes.load(x, from + i * Float.BYTES, rest);
      Lanes.store(v.mul(scalar), z, to + i * Float.BYTES, rest);
    }
  }

  private static void divideScalar(
      MemorySegment x, long from, float scalar, MemorySegment z, long to, long count) {
    long i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      FloatVector v = Lanes.load(x, from + i * Float.BYTES);
      Lanes.store(v.div(scalar), z, to + i * Float.BYTES);
    }
    if (i < count) {
      VectorMask<Float> rest = Lanes.tail(i, count);
      FloatVector v = Lanes.load(x, from + i * Float.BYTES, rest);
      Lanes.store(v.div(scalar), z, to + i * Float.BYTES, rest);
    }
  }
}
