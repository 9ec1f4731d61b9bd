package io.lockstep.runtime.pattern;

import java.util.List;

/** A regular expression as a tree. */
sealed interface Syntax {

  /** No limit of a {@link Repeat}. */
  int UNBOUNDED = -1;

  /** Matches between any two characters. */
  Syntax EMPTY = new Sequence(List.of());

  /** One character. */
  record One(CharacterSet set) implements Syntax {}

  /** One after the other. */
  record Sequence(List<Syntax> parts) implements Syntax {}

  /** The first that lets the rest match. */
  record Choice(List<Syntax> options) implements Syntax {}

  /** {@code min} to {@code max} times, as often as possible or as seldom. */
  record Repeat(Syntax part, int min, int max, boolean isGreedy) implements Syntax {}

  /** The first match of its part, which is not taken back for what follows. */
  record Atomic(Syntax part) implements Syntax {}

  /**
   * Whether its part matches, without taking anything.
   *
   * @param back code points before this place where it begins
   */
  record Look(Syntax part, int back, boolean isNegated) implements Syntax {}

  /** A place in the text. */
  enum Place implements Syntax {
    LINE_START,
    LINE_END,
    TEXT_START,
    TEXT_END,
    LAST_LINE_END,
    WORD_EDGE,
    NO_WORD_EDGE
  }

  /** Whether it matches nothing at some place. */
  static boolean mayBeEmpty(Syntax syntax) {
    return switch (syntax) {
      case One _ -> false;
      case Sequence(List<Syntax> parts) -> parts.stream().allMatch(Syntax::mayBeEmpty);
      case Choice(List<Syntax> options) -> options.stream().anyMatch(Syntax::mayBeEmpty);
      case Repeat(Syntax part, int min, int _, boolean _) -> min == 0 || mayBeEmpty(part);
      case Atomic(Syntax part) -> mayBeEmpty(part);
      case Look _, Place _ -> true;
    };
  }

  /** Code points of every match; {@link #UNBOUNDED} when they differ. */
  static int width(Syntax syntax) {
    return switch (syntax) {
      case One _ -> 1;
      case Sequence(List<Syntax> parts) -> {
        int sum = 0;
        for (Syntax part : parts) {
          int width = width(part);
          if (width == UNBOUNDED) {
            yield UNBOUNDED;
          }
          sum += width;
        }
        yield sum;
      }
      case Choice(List<Syntax> options) -> {
        List<Integer> widths = options.stream().map(Syntax::width).distinct().toList();
        yield widths.size() == 1 ? widths.getFirst() : UNBOUNDED;
      }
      case Repeat(Syntax part, int min, int max, boolean _) -> {
        int width = width(part);
        yield min == max && width != UNBOUNDED ? min * width : UNBOUNDED;
      }
      case Atomic(Syntax part) -> width(part);
      case Look _, Place _ -> 0;
    };
  }
}
