package io.lockstep.runtime.grammar;

import static io.lockstep.runtime.grammar.Expression.choice;
import static io.lockstep.runtime.grammar.Expression.literal;
import static io.lockstep.runtime.grammar.Expression.optional;
import static io.lockstep.runtime.grammar.Expression.sequence;

import io.lockstep.runtime.grammar.Expression.Arc;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Numbers within bounds, digit by digit: the larger of two equally long runs of digits is the one
 * whose first different digit is larger. They have at most sixteen digits before the point, and no
 * exponent.
 */
final class JsonNumbers {

  private static final int MAX_DIGITS = 16;

  /** The state of remainder 0 among multiples. */
  private static final int REMAINDERS = 3;

  /** An end of a range. */
  record Bound(BigDecimal value, boolean isExclusive) {
    Bound negated() {
      return new Bound(value.negate(), isExclusive);
    }
  }

  private final @Nullable Bound low;
  private final @Nullable Bound high;
  private final Expression fraction; // a fraction of any value, or nothing for integers
  private final int divisor;

  /**
   * Numbers from {@code low} to {@code high}, where these are given.
   *
   * @param divisor of integers; 1 for any
   * @param digits most digits behind the point; 0 for integers
   */
  JsonNumbers(@Nullable Bound low, @Nullable Bound high, int divisor, int digits) {
    this.low = low;
    this.high = high;
    this.divisor = divisor;
    fraction =
        digits == 0
            ? Expression.EMPTY
            : optional(sequence(literal("."), new Expression.Repeat(digit('0', '9'), 1, digits)));
  }

  Expression expression() {
    Expression positive = magnitudes(low, high);
    boolean hasNegative = low == null || low.value().signum() < 0;
    if (!hasNegative) {
      return positive;
    }
    Expression negative =
        magnitudes(high == null ? null : high.negated(), low == null ? null : low.negated());
    return choice(positive, sequence(literal("-"), negative));
  }

  /** Numbers without a sign. */
  private Expression magnitudes(@Nullable Bound from, @Nullable Bound to) {
    Expression all = sequence(wholeAtLeast(BigInteger.ZERO), fraction);
    if (to != null) {
      if (to.value().signum() < 0) {
        return Expression.NOTHING;
      }
      all = Intersection.of(all, atMost(to));
    }
    if (from != null && from.value().signum() >= 0) {
      all = Intersection.of(all, atLeast(from));
    }
    return divisor == 1 ? all : Intersection.of(all, multiples());
  }

  private Expression atLeast(Bound bound) {
    BigInteger whole = bound.value().toBigInteger();
    return choice(
        sequence(wholeAtLeast(whole.add(BigInteger.ONE)), anyFraction()),
        sequence(
            literal(whole.toString()), fractionAbove(digitsBehindPoint(bound), bound.isExclusive)));
  }

  private Expression atMost(Bound bound) {
    BigInteger whole = bound.value().toBigInteger();
    return choice(
        sequence(wholeAtMost(whole.subtract(BigInteger.ONE)), anyFraction()),
        sequence(
            literal(whole.toString()), fractionBelow(digitsBehindPoint(bound), bound.isExclusive)));
  }

  private static String digitsBehindPoint(Bound bound) {
    BigDecimal fraction = bound.value().remainder(BigDecimal.ONE).stripTrailingZeros();
    return fraction.signum() == 0 ? "" : fraction.toPlainString().substring("0.".length());
  }

  private static Expression anyFraction() {
    return optional(sequence(literal("."), digits(1, Expression.UNBOUNDED)));
  }

  private static Expression wholeAtLeast(BigInteger value) {
    String text = value.toString();
    int length = text.length();
    if (length > MAX_DIGITS) {
      return Expression.NOTHING;
    }
    List<Expression> options = new ArrayList<>();
    options.add(literal(text));
    for (int i = 0; i < length; i++) {
      if (text.charAt(i) < '9') {
        options.add(differing(text, i, digit((char) (text.charAt(i) + 1), '9'), length - i - 1));
      }
    }
    if (length < MAX_DIGITS) {
      options.add(sequence(digit('1', '9'), digits(length, MAX_DIGITS - 1)));
    }
    return new Expression.Choice(options);
  }

  private static Expression wholeAtMost(BigInteger value) {
    if (value.signum() < 0) {
      return Expression.NOTHING;
    }
    String text = value.toString();
    int length = text.length();
    if (length > MAX_DIGITS) {
      return wholeAtLeast(BigInteger.ZERO);
    }
    List<Expression> options = new ArrayList<>();
    options.add(literal(text));
    for (int i = 0; i < length; i++) {
      char lowest = i == 0 && length > 1 ? '1' : '0';
      if (text.charAt(i) > lowest) {
        Expression lower = digit(lowest, (char) (text.charAt(i) - 1));
        options.add(differing(text, i, lower, length - i - 1));
      }
    }
    if (length > 1) {
      options.add(literal("0"));
      options.add(sequence(digit('1', '9'), digits(0, length - 2)));
    }
    return new Expression.Choice(options);
  }

  /** The first {@code same} characters of {@code text}, another one, and any digits. */
  private static Expression differing(String text, int same, Expression other, int rest) {
    return sequence(literal(text.substring(0, same)), other, digits(rest, rest));
  }

  /** What may follow a whole number to be larger than with these digits behind the point. */
  private static Expression fractionAbove(String bound, boolean exclusive) {
    Expression rest = digits(0, Expression.UNBOUNDED);
    List<Expression> options = new ArrayList<>();
    for (int i = 0; i < bound.length(); i++) {
      if (bound.charAt(i) < '9') {
        Expression higher = digit((char) (bound.charAt(i) + 1), '9');
        options.add(sequence(literal("." + bound.substring(0, i)), higher, rest));
      }
    }
    Expression zeros = new Expression.Repeat(literal("0"), 0, Expression.UNBOUNDED);
    options.add(sequence(literal("." + bound), zeros, digit('1', '9'), rest));
    if (!exclusive) {
      options.add(bound.isEmpty() ? Expression.EMPTY : literal("." + bound));
      options.add(sequence(literal("." + bound), digit('0', '0'), zeros));
    }
    return new Expression.Choice(options);
  }

  /** What may follow a whole number to be smaller than with these digits behind the point. */
  private static Expression fractionBelow(String bound, boolean exclusive) {
    List<Expression> options = new ArrayList<>();
    for (int i = 0; i < bound.length(); i++) {
      if (bound.charAt(i) > '0') {
        Expression lower = digit('0', (char) (bound.charAt(i) - 1));
        options.add(
            sequence(literal("." + bound.substring(0, i)), lower, digits(0, Expression.UNBOUNDED)));
      }
      options.add(i == 0 ? Expression.EMPTY : literal("." + bound.substring(0, i)));
    }
    if (!exclusive) {
      Expression zeros = new Expression.Repeat(literal("0"), 0, Expression.UNBOUNDED);
      options.add(bound.isEmpty() ? Expression.EMPTY : literal("." + bound));
      options.add(sequence(literal("." + bound), digit('0', '0'), zeros));
    }
    return new Expression.Choice(options);
  }

  /** Whole numbers that the divisor divides: behind the first three, states are remainders. */
  private Expression multiples() {
    int zero = 1;
    int end = 2;
    List<List<Arc>> arcs = new ArrayList<>();
    List<Arc> first = digitArcs(0, '1');
    first.add(new Arc(literal("0"), zero));
    arcs.add(first);
    arcs.add(List.of(new Arc(Expression.EMPTY, end)));
    arcs.add(List.of());
    for (int remainder = 0; remainder < divisor; remainder++) {
      arcs.add(digitArcs(remainder, '0'));
    }
    arcs.get(REMAINDERS).add(new Arc(Expression.EMPTY, end));
    return new Expression.Automaton(arcs, end);
  }

  private List<Arc> digitArcs(int remainder, char first) {
    List<Arc> arcs = new ArrayList<>();
    for (char digit = first; digit <= '9'; digit++) {
      int next = REMAINDERS + (remainder * 10 + digit - '0') % divisor;
      arcs.add(new Arc(digit(digit, digit), next));
    }
    return arcs;
  }

  private static Expression digit(char low, char high) {
    return Expression.characters(low, high);
  }

  private static Expression digits(int min, int max) {
    return new Expression.Repeat(digit('0', '9'), min, max);
  }
}
