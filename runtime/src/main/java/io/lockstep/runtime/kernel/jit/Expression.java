package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.jit.Assembler.Comparison;
import io.lockstep.runtime.kernel.jit.Assembler.Rounding;
import java.util.List;

/**
 * What a loop computes for each element, as a graph of operations on 32-bit lanes. A node that is
 * used twice is computed once.
 */
sealed interface Expression {

  /**
   * An element of an input array.
   *
   * @param vector 0, or 1 for the second vector of elements that take 64 bits
   */
  record Input(int index, int vector) implements Expression {

    /** Of an array of elements that take a lane each. */
    Input(int index) {
      this(index, 0);
    }
  }

  /** The same bits for every element. */
  record Constant(int bits) implements Expression {}

  /** A float that each call gives anew. */
  record Parameter(int index) implements Expression {}

  /** op(a). */
  record Unary(Op op, Expression a) implements Expression {}

  /** op(a, b). */
  record Binary(Op op, Expression a, Expression b) implements Expression {}

  /** a b + c, rounded once. */
  record MultiplyAdd(Expression a, Expression b, Expression c) implements Expression {}

  /** The bits of a, moved. */
  record Shift(Direction direction, Expression a, int bits) implements Expression {}

  /** a as an integer, still a float. */
  record Round(Expression a, Rounding rounding) implements Expression {}

  /** Whether a compares to b: yes, else no. */
  record Select(Comparison comparison, Expression a, Expression b, Expression yes, Expression no)
      implements Expression {}

  /**
   * The element of a table that the low four bits of an index name (AVX-512).
   *
   * @param table bits of 16 elements
   */
  record Lookup(List<Integer> table, Expression index) implements Expression {}

  /** a of the element {@code distance} away: elements change places by pairs. */
  record Swap(Expression a, int distance) implements Expression {}

  /** Elements of two vectors in one. */
  record Merge(Order order, Expression a, Expression b) implements Expression {}

  /** Which elements of a and b, and in which order. */
  enum Order {
    /** Of each four of a and then of b the even ones. */
    EVEN,
    /** Of each four of a and then of b the odd ones. */
    ODD,
    /** The even groups of four of a, then those of b. */
    EVEN_FOURS,
    /** The odd groups of four of a, then those of b. */
    ODD_FOURS,
    /** Groups of four of a and b in turn, the lower half of them. */
    LOWER_FOURS,
    /** Groups of four of a and b in turn, the upper half of them. */
    UPPER_FOURS
  }

  /** How a shift fills up. */
  enum Direction {
    LEFT,
    RIGHT,
    RIGHT_SIGNED
  }

  static Expression constant(float value) {
    return new Constant(Float.floatToRawIntBits(value));
  }

  default Expression plus(Expression b) {
    return new Binary(Op.ADDPS, this, b);
  }

  default Expression minus(Expression b) {
    return new Binary(Op.SUBPS, this, b);
  }

  default Expression times(Expression b) {
    return new Binary(Op.MULPS, this, b);
  }

  default Expression over(Expression b) {
    return new Binary(Op.DIVPS, this, b);
  }

  default Expression plus(float b) {
    return plus(constant(b));
  }

  default Expression minus(float b) {
    return minus(constant(b));
  }

  default Expression times(float b) {
    return times(constant(b));
  }

  /** this b + c, rounded once. */
  default Expression fma(Expression b, Expression c) {
    return new MultiplyAdd(this, b, c);
  }

  /** this b + c, rounded once. */
  default Expression fma(Expression b, float c) {
    return fma(b, constant(c));
  }

  /** this b + c, rounded once. */
  default Expression fma(float b, float c) {
    return fma(constant(b), constant(c));
  }

  default Expression magnitude() {
    return new Binary(Op.ANDPS, this, new Constant(Integer.MAX_VALUE));
  }

  default Expression negated() {
    return new Binary(Op.XORPS, this, new Constant(Integer.MIN_VALUE));
  }

  /** {@code yes} where this is less than {@code b}, else {@code no}. */
  default Expression ifLess(float b, Expression yes, Expression no) {
    return new Select(Comparison.LESS, this, constant(b), yes, no);
  }

  /** {@code yes} where this is greater than {@code b}, else {@code no}. */
  default Expression ifGreater(float b, Expression yes, Expression no) {
    return new Select(Comparison.GREATER, this, constant(b), yes, no);
  }
}
