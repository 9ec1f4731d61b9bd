package io.lockstep.runtime.pattern;

import io.lockstep.runtime.error.InvalidInputException;
import java.util.Arrays;

/** The matches of a {@link TextPattern} in ranges of a text, one after the other. */
public final class PatternMatcher {

  /*
   * Whether the rest of a pattern matches from an instruction and a position depends on nothing
   * else, since there are no references to groups. A pair that has failed is remembered for the
   * whole range, so that all attempts together take time linear in it. Pairs visited are noted in
   * a trail; what was noted behind a choice has failed when the next alternative is taken up, and
   * what is left in it at a match has not. Only insides of atomic groups and of look-around that
   * match are walked again, which the limit of steps bounds.
   */

  /**
   * Most bits of memory; ranges beyond it are not remembered, but steps are counted all the same.
   */
  private static final long MAX_MEMORY = 1L << 27;

  private static final int NONE = -1;
  private static final int MAX_NESTING = 100;

  private final TextPattern pattern;
  private final String text;
  private final int slots;
  private long steps; // that are left
  private long[] failed = new long[8]; // bits, [(position - from) * slots + slot]
  private int[] stack = new int[48]; // [entries * 3]: instruction, position, length of the trail
  private long[] trail = new long[16]; // [visited], bits of failed
  private int stackSize;
  private int trailSize;
  private int from;
  private int to;
  private int next;
  private int start;
  private int end;
  private int nesting;

  PatternMatcher(TextPattern pattern, String text) {
    this.pattern = pattern;
    this.text = text;
    slots = pattern.slots();
    steps = (64L + 4L * pattern.size()) * (text.length() + 1000L);
  }

  /** Looks at code units {@code from} to {@code to} from now on, as if there were no others. */
  public void region(int from, int to) {
    this.from = from;
    this.to = to;
    next = from;
    end = NONE;
    long bits = Math.min(MAX_MEMORY, (long) slots * (to - from + 1));
    int words = (int) ((bits + 63) >>> 6);
    if (failed.length < words) {
      failed = new long[words];
    } else {
      Arrays.fill(failed, 0, words, 0);
    }
  }

  /**
   * Finds the next match; one that is empty and touches the last one does not count.
   *
   * @throws InvalidInputException when the pattern takes too long for this text
   */
  public boolean find() {
    while (next <= to) {
      int stop = run(0, next);
      if (stop == NONE || (stop == next && next == end)) {
        next = next == to ? to + 1 : after(next);
        continue;
      }
      start = next;
      end = stop;
      next = stop > start ? stop : stop == to ? to + 1 : after(stop);
      return true;
    }
    return false;
  }

  /** Where the match begins, inclusive. */
  public int start() {
    return start;
  }

  /** Where the match ends, exclusive. */
  public int end() {
    return end;
  }

  /** Where the match from {@code position} ends, or NONE. */
  private int run(int instruction, int position) {
    int stackBase = stackSize;
    int trailBase = trailSize;
    int at = position;
    int code = instruction;
    while (true) {
      if (--steps < 0) {
        throw new InvalidInputException("the text takes too long for the tokenizer's pattern");
      }
      boolean goesOn = true;
      switch (pattern.operation(code)) {
        case ONE -> {
          goesOn =
              at < to
                  && pattern
                      .set(code)
                      .contains(at + 1 < to ? text.codePointAt(at) : text.charAt(at));
          at = goesOn ? after(at) : at;
          code++;
        }
        case JUMP -> code = pattern.x(code);
        case SPLIT -> {
          goesOn = visit(code, at);
          if (goesOn) {
            push(pattern.y(code), at);
          }
          code = pattern.x(code);
        }
        case ATOMIC -> {
          int stop = visit(code, at) ? nested(code + 1, at) : NONE;
          goesOn = stop != NONE;
          at = goesOn ? stop : at;
          code = pattern.x(code);
        }
        case LOOK -> {
          goesOn = visit(code, at) && sees(code, at);
          code = pattern.x(code);
        }
        case LOOK_NOT -> {
          goesOn = visit(code, at) && !sees(code, at);
          code = pattern.x(code);
        }
        case PLACE -> {
          goesOn = isAt(pattern.place(code), at);
          code++;
        }
        case DONE -> {
          forget(trailBase);
          stackSize = stackBase;
          return at;
        }
      }
      if (!goesOn) {
        if (stackSize == stackBase) {
          trailSize = trailBase;
          return NONE;
        }
        stackSize -= 3;
        code = stack[stackSize];
        at = stack[stackSize + 1];
        trailSize = stack[stackSize + 2];
      }
    }
  }

  private int nested(int instruction, int position) {
    if (++nesting > MAX_NESTING) {
      throw new InvalidInputException("the tokenizer's pattern is nested too deeply");
    }
    int stop = run(instruction, position);
    nesting--;
    return stop;
  }

  private boolean sees(int code, int at) {
    int begin = at;
    for (int i = pattern.y(code); i > 0; i--) {
      if (begin == from) {
        return false;
      }
      begin -=
          begin - 1 > from
                  && Character.isSurrogatePair(text.charAt(begin - 2), text.charAt(begin - 1))
              ? 2
              : 1;
    }
    return nested(code + 1, begin) != NONE;
  }

  /** False when the pair is known to fail. */
  private boolean visit(int code, int at) {
    long bit = (long) (at - from) * slots + pattern.slot(code);
    if (bit >= MAX_MEMORY) {
      return true;
    }
    int word = (int) (bit >>> 6);
    if ((failed[word] >>> bit & 1) != 0) {
      return false;
    }
    failed[word] |= 1L << bit;
    if (trailSize == trail.length) {
      trail = Arrays.copyOf(trail, trailSize * 2);
    }
    trail[trailSize++] = bit;
    return true;
  }

  /** What is in the trail from {@code base} on has led to a match. */
  private void forget(int base) {
    while (trailSize > base) {
      long bit = trail[--trailSize];
      failed[(int) (bit >>> 6)] &= ~(1L << bit);
    }
  }

  private void push(int code, int at) {
    if (stackSize == stack.length) {
      stack = Arrays.copyOf(stack, stackSize * 2);
    }
    stack[stackSize] = code;
    stack[stackSize + 1] = at;
    stack[stackSize + 2] = trailSize;
    stackSize += 3;
  }

  private boolean isAt(Syntax.Place place, int at) {
    return switch (place) {
      case LINE_START -> at == from || (text.charAt(at - 1) == '\n' && at < to);
      case LINE_END -> at == to || text.charAt(at) == '\n';
      case TEXT_START -> at == from;
      case TEXT_END -> at == to;
      case LAST_LINE_END -> at == to || (at == to - 1 && text.charAt(at) == '\n');
      case WORD_EDGE -> isWord(at - 1) != isWord(at);
      case NO_WORD_EDGE -> isWord(at - 1) == isWord(at);
    };
  }

  private boolean isWord(int unit) {
    if (unit < from || unit >= to) {
      return false;
    }
    int codePoint =
        Character.isLowSurrogate(text.charAt(unit)) && unit > from
            ? text.codePointBefore(unit + 1)
            : text.codePointAt(unit);
    return Characters.isWordCharacter(codePoint);
  }

  private int after(int at) {
    return Math.min(at + Character.charCount(text.codePointAt(at)), to);
  }
}
