package io.lockstep.runtime.grammar;

import io.lockstep.runtime.grammar.Expression.Range;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Code points by their general category, as this JDK's Unicode has them. */
final class UnicodeCategories {

  private static final Map<String, Integer> TYPES =
      Map.ofEntries(
          Map.entry("Lu", 1 << Character.UPPERCASE_LETTER),
          Map.entry("Ll", 1 << Character.LOWERCASE_LETTER),
          Map.entry("Lt", 1 << Character.TITLECASE_LETTER),
          Map.entry("Lm", 1 << Character.MODIFIER_LETTER),
          Map.entry("Lo", 1 << Character.OTHER_LETTER),
          Map.entry("Mn", 1 << Character.NON_SPACING_MARK),
          Map.entry("Mc", 1 << Character.COMBINING_SPACING_MARK),
          Map.entry("Me", 1 << Character.ENCLOSING_MARK),
          Map.entry("Nd", 1 << Character.DECIMAL_DIGIT_NUMBER),
          Map.entry("Nl", 1 << Character.LETTER_NUMBER),
          Map.entry("No", 1 << Character.OTHER_NUMBER),
          Map.entry("Pc", 1 << Character.CONNECTOR_PUNCTUATION),
          Map.entry("Pd", 1 << Character.DASH_PUNCTUATION),
          Map.entry("Ps", 1 << Character.START_PUNCTUATION),
          Map.entry("Pe", 1 << Character.END_PUNCTUATION),
          Map.entry("Pi", 1 << Character.INITIAL_QUOTE_PUNCTUATION),
          Map.entry("Pf", 1 << Character.FINAL_QUOTE_PUNCTUATION),
          Map.entry("Po", 1 << Character.OTHER_PUNCTUATION),
          Map.entry("Sm", 1 << Character.MATH_SYMBOL),
          Map.entry("Sc", 1 << Character.CURRENCY_SYMBOL),
          Map.entry("Sk", 1 << Character.MODIFIER_SYMBOL),
          Map.entry("So", 1 << Character.OTHER_SYMBOL),
          Map.entry("Zs", 1 << Character.SPACE_SEPARATOR),
          Map.entry("Zl", 1 << Character.LINE_SEPARATOR),
          Map.entry("Zp", 1 << Character.PARAGRAPH_SEPARATOR),
          Map.entry("Cc", 1 << Character.CONTROL),
          Map.entry("Cf", 1 << Character.FORMAT));

  private UnicodeCategories() {}

  /** The code points of a category, or of all that begin with a letter; empty if there is none. */
  static List<Range> ranges(String name) {
    int types =
        TYPES.entrySet().stream()
            .filter(type ->
                type.getKey().equals(name)
                    || (name.length() == 1 && type.getKey().startsWith(name)))
            .mapToInt(Map.Entry::getValue)
            .reduce(0, (a, b) -> a | b);
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
