package io.lockstep.runtime.grammar;

import io.lockstep.runtime.grammar.Expression.Range;
import io.lockstep.runtime.pattern.GeneralCategory;
import java.util.ArrayList;
import java.util.List;

/** Code points by their general category, as this JDK's Unicode has them. */
final class UnicodeCategories {

  /** What no text of a model has. */
  private static final int LEFT_OUT =
      1 << Character.SURROGATE | 1 << Character.PRIVATE_USE | 1 << Character.UNASSIGNED;

  private UnicodeCategories() {}

  /** The code points of a category, or of all that begin with a letter; empty if there is none. */
  static List<Range> ranges(String name) {
    boolean isSpelt = name.matches("[A-Z][a-z]?");
    int types = isSpelt ? GeneralCategory.types(name) & ~LEFT_OUT : 0;
    List<Range> ranges = new ArrayList<>();
    int start = -1;
    for (int point = 0; types != 0 && point <= Character.MAX_CODE_POINT + 1; point++) {
      boolean isIn =
          point <= Character.MAX_CODE_POINT && (types >>> Character.getType(point) & 1) != 0;
      if (isIn && start < 0) {
        start = point;
      } else if (!isIn && start >= 0) {
        ranges.add(new Range(start, point - 1));
        start = -1;
      }
    }
    return List.copyOf(ranges);
  }
}
