package io.lockstep.runtime.pattern;

import io.lockstep.runtime.error.UnsupportedModelException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A regular expression as a program for {@link PatternMatcher}. Immutable.
 *
 * <p>The machine backtracks as Perl's engines do, so that the first alternative wins (R. Cox,
 * "Regular Expression Matching: the Virtual Machine Approach").
 */
public final class TextPattern {

  /** What an instruction does. */
  enum Operation {
    /** Takes a character of its set. */
    ONE,
    /** Goes to {@code x}, and to {@code y} if that fails. */
    SPLIT,
    /** Goes to {@code x}. */
    JUMP,
    /** Runs what follows it up to DONE as a pattern of its own, then goes to {@code x}. */
    ATOMIC,
    /** The same from {@code y} characters before, taking nothing. */
    LOOK,
    /** The same, going on if there is no match. */
    LOOK_NOT,
    /** Asks for its place. */
    PLACE,
    /** A match. */
    DONE
  }

  /** Most instructions of a program; bounds what a file can ask for at every character. */
  private static final int MAX_INSTRUCTIONS = 4000;

  private final String pattern;
  private final List<CharacterSet> sets = new ArrayList<>(); // by x of ONE
  private final List<Syntax.Place> places = new ArrayList<>(); // by x of PLACE
  private Operation[] operations = new Operation[64]; // [instructions]
  private int[] xs = new int[64]; // [instructions]
  private int[] ys = new int[64]; // [instructions]
  private int[] slots = new int[64]; // [instructions], number among those that may fail, or -1
  private int size;
  private int slotCount;

  private TextPattern(String pattern) {
    this.pattern = pattern;
    emit(PatternParser.parse(pattern));
    add(Operation.DONE, 0, 0);
  }

  /**
   * Compiles a pattern.
   *
   * @throws UnsupportedModelException when it has what is not supported, or is too large
   */
  public static TextPattern compile(String pattern) {
    return new TextPattern(pattern);
  }

  /** Finds matches in a text; for one thread. */
  public PatternMatcher matcher(String text) {
    return new PatternMatcher(this, text);
  }

  @Override
  public String toString() {
    return pattern;
  }

  Operation operation(int instruction) {
    return operations[instruction];
  }

  int x(int instruction) {
    return xs[instruction];
  }

  int y(int instruction) {
    return ys[instruction];
  }

  CharacterSet set(int instruction) {
    return sets.get(xs[instruction]);
  }

  Syntax.Place place(int instruction) {
    return places.get(xs[instruction]);
  }

  /** Number of the instruction among those whose failures are worth remembering; -1 for others. */
  int slot(int instruction) {
    return slots[instruction];
  }

  int slots() {
    return slotCount;
  }

  int size() {
    return size;
  }

  private int add(Operation operation, int x, int y) {
    if (size == MAX_INSTRUCTIONS) {
      throw new UnsupportedModelException(
          "the pattern '%s' is too large"
              .formatted(pattern.substring(0, Math.min(80, pattern.length()))));
    }
    if (size == operations.length) {
      operations = Arrays.copyOf(operations, size * 2);
      xs = Arrays.copyOf(xs, size * 2);
      ys = Arrays.copyOf(ys, size * 2);
      slots = Arrays.copyOf(slots, size * 2);
    }
    operations[size] = operation;
    xs[size] = x;
    ys[size] = y;
    slots[size] =
        switch (operation) {
          case SPLIT, ATOMIC, LOOK, LOOK_NOT -> slotCount++;
          case ONE, JUMP, PLACE, DONE -> -1;
        };
    return size++;
  }

  private void emit(Syntax syntax) {
    switch (syntax) {
      case Syntax.One(CharacterSet set) -> {
        add(Operation.ONE, sets.size(), 0);
        sets.add(set);
      }
      case Syntax.Sequence(List<Syntax> parts) -> parts.forEach(this::emit);
      case Syntax.Choice(List<Syntax> options) -> choice(options);
      case Syntax.Repeat repeat -> repeat(repeat);
      case Syntax.Atomic(Syntax part) -> apart(Operation.ATOMIC, part, 0);
      case Syntax.Look(Syntax part, int back, boolean isNegated) ->
          apart(isNegated ? Operation.LOOK_NOT : Operation.LOOK, part, back);
      case Syntax.Place place -> {
        add(Operation.PLACE, places.size(), 0);
        places.add(place);
      }
    }
  }

  private void choice(List<Syntax> options) {
    List<Integer> jumps = new ArrayList<>();
    for (int i = 0; i < options.size() - 1; i++) {
      int split = add(Operation.SPLIT, size + 1, 0);
      emit(options.get(i));
      jumps.add(add(Operation.JUMP, 0, 0));
      ys[split] = size;
    }
    emit(options.getLast());
    jumps.forEach(jump -> xs[jump] = size);
  }

  private void repeat(Syntax.Repeat repeat) {
    for (int i = 0; i < repeat.min(); i++) {
      emit(repeat.part());
    }
    if (repeat.max() == Syntax.UNBOUNDED) {
      int split = add(Operation.SPLIT, 0, 0);
      emit(repeat.part());
      add(Operation.JUMP, split, 0);
      branch(split, repeat.isGreedy());
      return;
    }
    List<Integer> splits = new ArrayList<>();
    for (int i = repeat.min(); i < repeat.max(); i++) {
      splits.add(add(Operation.SPLIT, 0, 0));
      emit(repeat.part());
    }
    splits.forEach(split -> branch(split, repeat.isGreedy()));
  }

  /** Lets a split go on behind it, or leave for what comes next. */
  private void branch(int split, boolean isGreedy) {
    xs[split] = isGreedy ? split + 1 : size;
    ys[split] = isGreedy ? size : split + 1;
  }

  private void apart(Operation operation, Syntax part, int back) {
    int head = add(operation, 0, back);
    emit(part);
    add(Operation.DONE, 0, 0);
    xs[head] = size;
  }
}
