package io.lockstep.runtime.pattern;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntPredicate;

/** The sets that {@code \p{...}} and {@code [:...:]} name: categories, scripts, a few classes. */
final class UnicodeProperty {

  /** Bit {@link Character#getType} of each general category. */
  private static final Map<String, Integer> CATEGORIES =
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

  private static final Map<String, String> LONG_NAMES =
      Map.of(
          "letter", "l",
          "mark", "m",
          "number", "n",
          "punctuation", "p",
          "symbol", "s",
          "separator", "z",
          "uppercaseletter", "lu",
          "lowercaseletter", "ll",
          "decimalnumber", "nd");

  private static final Map<String, IntPredicate> CLASSES =
      Map.ofEntries(
          Map.entry("any", _ -> true),
          Map.entry("alpha", Character::isAlphabetic),
          Map.entry("alphabetic", Character::isAlphabetic),
          Map.entry("alnum", c -> Character.isAlphabetic(c) || Character.isDigit(c)),
          Map.entry("digit", Character::isDigit),
          Map.entry("lower", Character::isLowerCase),
          Map.entry("upper", Character::isUpperCase),
          Map.entry("space", Characters::isWhiteSpace),
          Map.entry("whitespace", Characters::isWhiteSpace),
          Map.entry("word", Characters::isWordCharacter),
          Map.entry("punct", Characters::isPunctuation),
          Map.entry("cntrl", c -> Character.getType(c) == Character.CONTROL),
          Map.entry("emoji", Character::isEmoji),
          Map.entry("ideographic", Character::isIdeographic));

  private UnicodeProperty() {}

  /** The set of a name, in any case, with or without underscores; empty when it is not known. */
  static Optional<IntPredicate> of(String name) {
    String key = name.toLowerCase(Locale.ROOT).replaceAll("[ _-]", "");
    IntPredicate known = CLASSES.get(key);
    if (known != null) {
      return Optional.of(known);
    }
    String category = LONG_NAMES.getOrDefault(key, key);
    int types =
        CATEGORIES.entrySet().stream()
            .filter(type ->
                category.length() == 1
                    ? type.getKey().startsWith(category)
                    : type.getKey().equals(category))
            .mapToInt(Map.Entry::getValue)
            .reduce(0, (a, b) -> a | b);
    if (types != 0) {
      return Optional.of(codePoint -> (types >>> Character.getType(codePoint) & 1) != 0);
    }
    return script(name);
  }

  private static Optional<IntPredicate> script(String name) {
    try {
      Character.UnicodeScript script = Character.UnicodeScript.forName(name);
      return Optional.of(codePoint -> Character.UnicodeScript.of(codePoint) == script);
    } catch (IllegalArgumentException unknown) {
      return Optional.empty();
    }
  }
}
