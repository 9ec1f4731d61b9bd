package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.Relation;
import io.lockstep.runtime.kernel.jit.Assembler.Comparison;
import io.lockstep.runtime.kernel.jit.Assembler.Rounding;
import io.lockstep.runtime.kernel.jit.Expression.Constant;
import io.lockstep.runtime.kernel.jit.Expression.Direction;
import io.lockstep.runtime.kernel.jit.Expression.Merge;
import io.lockstep.runtime.kernel.jit.Expression.Order;
import io.lockstep.runtime.kernel.jit.Expression.Select;
import io.lockstep.runtime.tensor.DType;
import java.util.List;

/**
 * What a lane holds of an element: a float, an integer as 32 bits, all bits or none of a truth
 * value, and 64 bits in a second lane.
 *
 * @param low all, or the lower 32 bits
 * @param high the upper 32 bits; of other elements what their sign would fill them with
 */
record Words(Expression low, Expression high) {

  private static final Expression NONE = new Constant(0);
  private static final Expression ALL = new Constant(-1);
  private static final Expression ONE = new Constant(1);

  /** Of an element that needs no second lane. */
  static Words of(Expression low) {
    return new Words(low, new Expression.Shift(Direction.RIGHT_SIGNED, low, 31));
  }

  /** Of integers or truth values in memory, 32 bits of each. */
  static Words loaded(DType type, Expression bits) {
    return type == DType.BOOL ? of(isNot(bits, NONE)) : of(bits);
  }

  /** Of 64-bit integers in two vectors. */
  static Words loaded(Expression first, Expression second) {
    Expression even = new Merge(Order.EVEN_FOURS, first, second);
    Expression odd = new Merge(Order.ODD_FOURS, first, second);
    return new Words(new Merge(Order.EVEN, even, odd), new Merge(Order.ODD, even, odd));
  }

  /** What is stored of a value: one vector, or two of 64-bit integers. */
  List<Expression> stored(DType type) {
    return switch (type) {
      case BOOL -> List.of(and(low, ONE));
      case INT64 -> {
        Expression lower = new Expression.Binary(Op.UNPCKLPS, low, high);
        Expression upper = new Expression.Binary(Op.UNPCKHPS, low, high);
        yield List.of(
            new Merge(Order.LOWER_FOURS, lower, upper), new Merge(Order.UPPER_FOURS, lower, upper));
      }
      default -> List.of(low);
    };
  }

  static Words constant(DType type, long value) {
    int low = type == DType.BOOL ? (value == 0 ? 0 : -1) : (int) value;
    return new Words(new Constant(low), new Constant((int) (value >> 32)));
  }

  /** Where this truth value holds {@code yes}, else {@code no}. */
  Words choose(Words yes, Words no) {
    return new Words(chosen(yes.low, no.low), chosen(yes.high, no.high));
  }

  private Expression chosen(Expression yes, Expression no) {
    if (low instanceof Select(var comparison, var a, var b, Constant ifSo, Constant ifNot)) {
      // bits that are all or none
      Expression first = ifSo.equals(ALL) ? yes : no;
      Expression second = ifNot.equals(ALL) ? yes : no;
      return new Select(comparison, a, b, first, second);
    }
    // all bits are a NaN
    return new Select(Comparison.UNORDERED, low, low, yes, no);
  }

  /** Whether a relation holds between two of one type. */
  static Words compare(Relation relation, DType type, Words x, Words y) {
    if (type == DType.FLOAT32) {
      Comparison comparison =
          switch (relation) {
            case EQUAL -> Comparison.EQUAL;
            case GREATER -> Comparison.GREATER;
            case LESS -> Comparison.LESS;
            case GREATER_OR_EQUAL -> Comparison.GREATER_OR_EQUAL;
            case LESS_OR_EQUAL -> Comparison.LESS_OR_EQUAL;
          };
      return of(new Select(comparison, x.low, y.low, ALL, NONE));
    }
    if (type == DType.BOOL) {
      Words left = x.convert(DType.BOOL, DType.INT32);
      return compare(relation, DType.INT32, left, y.convert(DType.BOOL, DType.INT32));
    }
    boolean isLong = type == DType.INT64;
    return of(
        switch (relation) {
          case EQUAL -> same(isLong, x, y);
          case GREATER -> above(isLong, x, y, ALL, NONE);
          case LESS -> above(isLong, y, x, ALL, NONE);
          case GREATER_OR_EQUAL -> above(isLong, y, x, NONE, ALL);
          case LESS_OR_EQUAL -> above(isLong, x, y, NONE, ALL);
        });
  }

  private static Expression same(boolean isLong, Words x, Words y) {
    Expression low = new Select(Comparison.SAME, x.low, y.low, ALL, NONE);
    return isLong ? new Select(Comparison.SAME, x.high, y.high, low, NONE) : low;
  }

  /** {@code yes} where x is above y, else {@code no}. */
  private static Expression above(boolean isLong, Words x, Words y, Expression yes, Expression no) {
    if (!isLong) {
      return new Select(Comparison.ABOVE, x.low, y.low, yes, no);
    }
    Expression low = new Select(Comparison.ABOVE, unsigned(x.low), unsigned(y.low), yes, no);
    Expression high = new Select(Comparison.ABOVE, x.high, y.high, yes, no);
    return new Select(Comparison.SAME, x.high, y.high, low, high);
  }

  /** Ordered as signed integers as x is as unsigned ones. */
  private static Expression unsigned(Expression x) {
    return new Expression.Binary(Op.XORPS, x, new Constant(Integer.MIN_VALUE));
  }

  /** The value as another type, by the rules of {@code Elementwise.convert}. */
  Words convert(DType from, DType to) {
    if (from == to) {
      return this;
    }
    return switch (to) {
      case FLOAT32 -> of(toFloat(from));
      case BOOL -> of(toTruth(from));
      case INT64 -> from == DType.FLOAT32 ? truncated() : widened(from);
      case INT32 -> of(lowBits(from));
      case INT8 ->
          of(shifted(Direction.RIGHT_SIGNED, shifted(Direction.LEFT, lowBits(from), 24), 24));
      case UINT8 -> of(and(lowBits(from), new Constant(255)));
      default -> throw new IllegalArgumentException("chains do not convert to " + to);
    };
  }

  private Words widened(DType from) {
    return from == DType.BOOL ? of(and(low, ONE)) : this;
  }

  private Expression lowBits(DType from) {
    return from == DType.FLOAT32 ? truncated().low : widened(from).low;
  }

  private Expression toTruth(DType from) {
    return switch (from) {
      case FLOAT32 -> new Select(Comparison.EQUAL, low, Expression.constant(0), NONE, ALL);
      case INT64 -> isNot(or(low, high), NONE);
      default -> isNot(low, NONE);
    };
  }

  private Expression toFloat(DType from) {
    return switch (from) {
      case BOOL -> and(low, Expression.constant(1));
      case INT64 -> longToFloat();
      default -> number(low);
    };
  }

  /*
   * Truncated to an integer t, of which the upper half is floor(t / 2^32) and the lower one t less
   * the nearest multiple of 2^32: all steps are exact. What is 2^31 after that, or -2^63 and less,
   * becomes 2^31 by the instruction itself, which is its 32 bits.
   */
  private Words truncated() {
    Expression t = new Expression.Round(low, Rounding.TO_ZERO);
    Expression part = t.times(0x1p-32f);
    Expression rest = t.minus(new Expression.Round(part, Rounding.NEAREST_EVEN).times(0x1p32f));
    Expression floor = new Expression.Round(part, Rounding.DOWN);
    return new Words(
        bounded(new Select(Comparison.UNORDERED, rest, rest, NONE, integer(rest)), ALL),
        bounded(
            new Select(Comparison.UNORDERED, low, low, NONE, integer(floor)),
            new Constant(Integer.MAX_VALUE)));
  }

  private Expression bounded(Expression bits, Expression above) {
    return new Select(Comparison.GREATER_OR_EQUAL, low, Expression.constant(0x1p63f), above, bits);
  }

  /*
   * What fits 48 bits is split in 24 signed and 24 unsigned ones, which floats hold; adding them
   * rounds once. Of what does not, the lowest 16 bits can only matter by being zero or not: they
   * become the lowest of 48.
   */
  private Expression longToFloat() {
    Expression wideHigh = shifted(Direction.RIGHT_SIGNED, high, 8);
    Expression lost = and(low, new Constant(0xffff));
    Expression sticky = new Select(Comparison.SAME, lost, NONE, NONE, ONE);
    Expression wideMiddle = shifted(Direction.LEFT, and(high, new Constant(255)), 16);
    Expression wideLow = or(or(wideMiddle, shifted(Direction.RIGHT, low, 16)), sticky);
    Expression narrowHigh = or(shifted(Direction.LEFT, high, 8), shifted(Direction.RIGHT, low, 24));
    Expression narrowLow = and(low, new Constant(0xffffff));
    Expression extended = shifted(Direction.RIGHT_SIGNED, shifted(Direction.LEFT, high, 16), 16);
    Expression upper = new Select(Comparison.SAME, extended, high, narrowHigh, wideHigh);
    Expression lower = new Select(Comparison.SAME, extended, high, narrowLow, wideLow);
    Expression sum = number(upper).fma(Expression.constant(0x1p24f), number(lower));
    Expression scaled = sum.times(0x1p16f);
    return new Select(Comparison.SAME, extended, high, sum, scaled);
  }

  private static Expression isNot(Expression x, Expression y) {
    return new Select(Comparison.SAME, x, y, NONE, ALL);
  }

  private static Expression integer(Expression x) {
    return new Expression.Unary(Op.CVTTPS2DQ, x);
  }

  private static Expression number(Expression x) {
    return new Expression.Unary(Op.CVTDQ2PS, x);
  }

  private static Expression and(Expression x, Expression y) {
    return new Expression.Binary(Op.ANDPS, x, y);
  }

  private static Expression or(Expression x, Expression y) {
    return new Expression.Binary(Op.ORPS, x, y);
  }

  private static Expression shifted(Direction direction, Expression x, int bits) {
    return new Expression.Shift(direction, x, bits);
  }
}
