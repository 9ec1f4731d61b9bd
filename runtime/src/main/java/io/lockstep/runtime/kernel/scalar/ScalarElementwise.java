package io.lockstep.runtime.kernel.scalar;

import io.lockstep.runtime.kernel.Activation;
import io.lockstep.runtime.kernel.BinaryFunction;
import io.lockstep.runtime.kernel.Elementwise;
import io.lockstep.runtime.kernel.Erf;
import io.lockstep.runtime.kernel.Junction;
import io.lockstep.runtime.kernel.Relation;
import io.lockstep.runtime.tensor.DType;
import java.lang.foreign.MemorySegment;

/** Functions of single elements, computed in double and rounded once where they are not exact. */
final class ScalarElementwise implements Elementwise {

  @Override
  public void unary(
      Activation function,
      MemorySegment x,
      long xOffset,
      MemorySegment y,
      long yOffset,
      long count) {
    for (long i = 0; i < count; i++) {
      Floats.set(y, yOffset + i, apply(function, Floats.get(x, xOffset + i)));
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
    for (long i = 0; i < count; i++) {
      float value = apply(function, Floats.get(x, xOffset + i), Floats.get(y, yOffset + i));
      Floats.set(z, zOffset + i, value);
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
    for (long i = 0; i < count; i++) {
      Floats.set(z, zOffset + i, apply(function, Floats.get(x, xOffset + i), y));
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
    for (long i = 0; i < count; i++) {
      Floats.set(z, zOffset + i, apply(function, x, Floats.get(y, yOffset + i)));
    }
  }

  static float apply(Activation activation, float x) {
    float alpha = activation.alpha();
    float beta = activation.beta();
    return switch (activation.function()) {
      case IDENTITY -> x;
      case NEG -> -x;
      case ABS -> Math.abs(x);
      case SQRT -> (float) Math.sqrt(x);
      case RECIPROCAL -> 1 / x;
      case EXP -> (float) Math.exp(x);
      case LOG -> (float) Math.log(x);
      case ERF -> (float) Erf.erf(x);
      case TANH -> (float) Math.tanh(x);
      case SIGMOID -> (float) sigmoid(x);
      case RELU -> x < 0 ? 0 : x;
      case LEAKY_RELU -> x < 0 ? alpha * x : x;
      case CLIP -> clip(x, alpha, beta);
      case HARD_SIGMOID -> clip(alpha * x + beta, 0, 1);
      case HARD_SWISH -> x * clip(x * (1 / 6f) + 0.5f, 0, 1);
      case ELU -> x < 0 ? (float) (alpha * Math.expm1(x)) : x;
      case GELU -> (float) (0.5 * x * (1 + Erf.erf(x * Math.sqrt(0.5))));
      case GELU_TANH ->
          (float) (0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))));
      case SWISH -> (float) (x * sigmoid((double) alpha * x));
      case SOFTPLUS -> (float) (Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs((double) x))));
      case SOFTSIGN -> x / (1 + Math.abs(x));
      case FLOOR -> (float) Math.floor(x);
      case CEIL -> (float) Math.ceil(x);
      case ROUND -> (float) Math.rint(x);
      case SQUARE -> x * x;
      case AFFINE -> alpha * x + beta;
    };
  }

  static float apply(BinaryFunction function, float x, float y) {
    return switch (function) {
      case ADD -> x + y;
      case SUB -> x - y;
      case MUL -> x * y;
      case DIV -> x / y;
      case MIN -> Math.min(x, y);
      case MAX -> Math.max(x, y);
      case POW -> (float) Math.pow(x, y);
      case PRELU -> x < 0 ? y * x : x;
    };
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  private static float clip(float x, float low, float high) {
    return Float.isNaN(x) ? x : Math.min(high, Math.max(low, x));
  }

  @Override
  public void affine(
      int rows,
      int columns,
      MemorySegment x,
      long xOffset,
      MemorySegment factors,
      MemorySegment offsets,
      MemorySegment y,
      long yOffset) {
    for (long i = 0; i < (long) rows * columns; i++) {
      float factor = Floats.get(factors, i % columns);
      float offset = Floats.get(offsets, i % columns);
      Floats.set(y, yOffset + i, Math.fma(Floats.get(x, xOffset + i), factor, offset));
    }
  }

  @Override
  public void compare(
      Relation relation,
      DType type,
      MemorySegment x,
      long xOffset,
      MemorySegment y,
      long yOffset,
      MemorySegment z,
      long zOffset,
      long count) {
    for (long i = 0; i < count; i++) {
      boolean holds =
          type == DType.FLOAT32
              ? relation.holds(Floats.get(x, xOffset + i), Floats.get(y, yOffset + i))
              : relation.holds(
                  Long.compare(Wholes.get(type, x, xOffset + i), Wholes.get(type, y, yOffset + i)));
      Wholes.set(DType.BOOL, z, zOffset + i, holds ? 1 : 0);
    }
  }

  @Override
  public void join(
      Junction function,
      MemorySegment x,
      long xOffset,
      MemorySegment y,
      long yOffset,
      MemorySegment z,
      long zOffset,
      long count) {
    for (long i = 0; i < count; i++) {
      long left = Wholes.get(DType.BOOL, x, xOffset + i);
      long right = Wholes.get(DType.BOOL, y, yOffset + i);
      Wholes.set(DType.BOOL, z, zOffset + i, function.apply(left, right));
    }
  }

  @Override
  public void select(
      DType type,
      MemorySegment condition,
      long conditionOffset,
      MemorySegment x,
      long xOffset,
      MemorySegment y,
      long yOffset,
      MemorySegment z,
      long zOffset,
      long count) {
    // the bits of a float go through as those of an integer
    DType bits = type == DType.FLOAT32 ? DType.INT32 : type;
    for (long i = 0; i < count; i++) {
      boolean first = Wholes.get(DType.BOOL, condition, conditionOffset + i) != 0;
      long value = first ? Wholes.get(bits, x, xOffset + i) : Wholes.get(bits, y, yOffset + i);
      Wholes.set(bits, z, zOffset + i, value);
    }
  }

  @Override
  public void convert(
      DType from,
      MemorySegment x,
      long xOffset,
      DType to,
      MemorySegment y,
      long yOffset,
      long count) {
    for (long i = 0; i < count; i++) {
      if (from == DType.FLOAT32) {
        float value = Floats.get(x, xOffset + i);
        if (to == DType.FLOAT32) {
          Floats.set(y, yOffset + i, value);
        } else if (to == DType.BOOL) {
          Wholes.set(to, y, yOffset + i, value != 0 ? 1 : 0);
        } else {
          Wholes.set(to, y, yOffset + i, (long) value);
        }
      } else if (to == DType.FLOAT32) {
        Floats.set(y, yOffset + i, (float) Wholes.get(from, x, xOffset + i));
      } else {
        Wholes.set(to, y, yOffset + i, Wholes.get(from, x, xOffset + i));
      }
    }
  }
}
