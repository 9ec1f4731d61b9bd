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

  /**
   * Ways from state 0 to state {@code end}.
   *
   * @param arcs that leave each state
   */
  record Automaton(List<List<Arc>> arcs, int end) implements Expression {}

  /** A step of an {@link Automaton} to {@code target}. */
  record Arc(Expression part, int target) {}

  int UNBOUNDED = -1;

  /** No character at all. */
  Expression EMPTY = new Sequence(List.of());

  /** What no text follows. */
  Expression NOTHING = new Choice(List.of());

  /** Exactly this text. */
  static Expression literal(String text) {
    List<Expression> parts = new ArrayList<>();
    text.codePoints().forEach(point -> parts.add(characters(point, point)));
    return new Sequence(List.copyOf(parts));
  }

  /** One character between pairs of lowest and highest code points. */
  static Expression characters(int... bounds) {
    return new Characters(CodePoints.of(bounds));
  }

  static Expression sequence(Expression... parts) {
    return new Sequence(List.of(parts));
  }

  static Expression choice(Expression... options) {
    return new Choice(List.of(options));
  }

  static Expression optional(Expression part) {
    return new Repeat(part, 0, 1);
  }
}
