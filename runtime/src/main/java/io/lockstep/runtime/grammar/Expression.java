package io.lockstep.runtime.grammar;

import java.util.ArrayList;
import java.util.List;

/** The right side of a rule. */
sealed interface Expression {

  /** One character out of inclusive ranges of code points. */
  record Characters(List<Range> ranges) implements Expression {}

  /** Code points {@code low} to {@code high}, both inclusive. */
  record Range(int low, int high) {}

  /** What another rule describes. */
  record Reference(String rule) implements Expression {}

  /** One after the other. */
  record Sequence(List<Expression> parts) implements Expression {}

  /** One of several. */
  record Choice(List<Expression> options) implements Expression {}

  /** {@code min} to {@code max} times; max is {@link #UNBOUNDED} for no limit. */
  record Repeat(Expression part, int min, int max) implements Expression {}

  int UNBOUNDED = -1;

  /** Exactly this text. */
  static Expression literal(String text) {
    List<Expression> parts = new ArrayList<>();
    text.codePoints().forEach(point -> parts.add(new Characters(List.of(new Range(point, point)))));
    return new Sequence(List.copyOf(parts));
  }
}
