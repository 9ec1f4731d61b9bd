package io.lockstep.runtime.pattern;

import java.util.Locale;
import java.util.Map;

/** Unicode's general categories by their short names. */
public final class GeneralCategory {

  /** Bit {@link Character#getType} of each general category. */
  private static final Map<String, Integer> TYPES =
      Map.ofEntries(
          Map.entry("lu", 1 << Character.UPPERCASE_LETTER),
          Map.entry("ll", 1 << Character.LOWERCASE_LETTER),
          Map.entry("lt", 1 << Character.TITLECASE_LETTER),
          Map.entry("lm", 1 << Character.MODIFIER_LETTER),
          Map.entry("lo", 1 << Character.OTHER_LETTER),
          Map.entry("mn", 1 << Character.NON_SPACING_MARK),
          Map.entry("mc", 1 << Character.COMBINING_SPACING_MARK),
          Map.entry("me", 1 << Character.ENCLOSING_MARK),
          Map.entry("nd", 1 << Character.DECIMAL_DIGIT_NUMBER),
          Map.entry("nl", 1 << Character.LETTER_NUMBER),
          Map.entry("no", 1 << Character.OTHER_NUMBER),
          Map.entry("pc", 1 << Character.CONNECTOR_PUNCTUATION),
          Map.entry("pd", 1 << Character.DASH_PUNCTUATION),
          Map.entry("ps", 1 << Character.START_PUNCTUATION),
          Map.entry("pe", 1 << Character.END_PUNCTUATION),
          Map.entry("pi", 1 << Character.INITIAL_QUOTE_PUNCTUATION),
          Map.entry("pf", 1 << Character.FINAL_QUOTE_PUNCTUATION),
          Map.entry("po", 1 << Character.OTHER_PUNCTUATION),
          Map.entry("sm", 1 << Character.MATH_SYMBOL),
          Map.entry("sc", 1 << Character.CURRENCY_SYMBOL),
          Map.entry("sk", 1 << Character.MODIFIER_SYMBOL),
          Map.entry("so", 1 << Character.OTHER_SYMBOL),
          Map.entry("zs", 1 << Character.SPACE_SEPARATOR),
          Map.entry("zl", 1 << Character.LINE_SEPARATOR),
          Map.entry("zp", 1 << Character.PARAGRAPH_SEPARATOR),
          Map.entry("cc", 1 << Character.CONTROL),
          Map.entry("cf", 1 << Character.FORMAT),
          Map.entry("cs", 1 << Character.SURROGATE),
          Map.entry("co", 1 << Character.PRIVATE_USE),
          Map.entry("cn", 1 << Character.UNASSIGNED));

  private GeneralCategory() {}

  /**
   * The types of a category such as {@code Lu}, or of all that begin with a letter such as {@code
   * L}, as bits by {@link Character#getType}; 0 when there is none. In any case.
   */
  public static int types(String name) {
    String key = name.toLowerCase(Locale.ROOT);
    return TYPES.entrySet().stream()
        .filter(
            type -> key.length() == 1 ? type.getKey().startsWith(key) : type.getKey().equals(key))
        .mapToInt(Map.Entry::getValue)
        .reduce(0, (a, b) -> a | b);
  }
}
