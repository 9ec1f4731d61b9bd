package io.lockstep.runtime.grammar;

import io.lockstep.runtime.grammar.Expression.Range;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Sets of code points, as ranges in any order. */
final class CodePoints {

  static final List<Range> ALL = List.of(new Range(0, Character.MAX_CODE_POINT));

  private CodePoints() {}

  /** The ranges between pairs of lowest and highest code points. */
  static List<Range> of(int... bounds) {
    List<Range> ranges = new ArrayList<>();
    for (int i = 0; i < bounds.length; i += 2) {
      ranges.add(new Range(bounds[i], bounds[i + 1]));
    }
    return List.copyOf(ranges);
  }

  /** What is in none of the ranges, sorted. */
  static List<Range> complement(List<Range> ranges) {
    List<Range> sorted = new ArrayList<>(ranges);
    sorted.sort(Comparator.comparingInt(Range::low));
    List<Range> gaps = new ArrayList<>();
    int from = 0;
    for (Range range : sorted) {
      if (range.low() > from) {
        gaps.add(new Range(from, range.low() - 1));
      }
      from = Math.max(from, range.high() + 1);
    }
    if (from <= Character.MAX_CODE_POINT) {
      gaps.add(new Range(from, Character.MAX_CODE_POINT));
    }
    return List.copyOf(gaps);
  }

  /** What is in both. */
  static List<Range> both(List<Range> first, List<Range> second) {
    List<Range> common = new ArrayList<>();
    for (Range a : first) {
      for (Range b : second) {
        int low = Math.max(a.low(), b.low());
        int high = Math.min(a.high(), b.high());
        if (low <= high) {
          common.add(new Range(low, high));
        }
      }
    }
    return List.copyOf(common);
  }
}
