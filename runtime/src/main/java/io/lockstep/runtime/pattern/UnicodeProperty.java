package io.lockstep.runtime.pattern;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntPredicate;

/** The sets that {@code \p{...}} and {@code [:...:]} name: categories, scripts, a few classes. */
final class UnicodeProperty {

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
    int types = GeneralCategory.types(LONG_NAMES.getOrDefault(key, key));
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
