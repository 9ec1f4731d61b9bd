package io.lockstep.runtime.pattern;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.runtime.Seeds;
import io.lockstep.runtime.error.InvalidInputException;
import io.lockstep.runtime.error.UnsupportedModelException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class TextPatternTest {

  private static final String[] FRAGMENTS = {
    "a",
    "B",
    "word",
    "don't",
    "WE'LL",
    "1",
    "234",
    "½",
    " ",
    "  ",
    "\n",
    "\r\n",
    "\t",
    "!",
    "?!",
    "\u00e9",
    "e\u0301",
    "\u4e2d\u6587",
    "\u0915\u093f",
    "\u017f",
    "K",
    "\u00a0",
    "\u3000",
    "_",
    "\ud83d\ude00",
    "\ud835\udc00",
    "\ud83d",
    "\u0660",
    "$",
    "-",
    "(",
    "\u2028",
    "\u0130"
  };

  /** Matches as "start-end", of the JDK's engine. */
  private static List<String> expected(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    List<String> matches = new ArrayList<>();
    while (matcher.find()) {
      matches.add(matcher.start() + "-" + matcher.end());
    }
    return matches;
  }

  private static List<String> matches(TextPattern pattern, String text, int from, int to) {
    PatternMatcher matcher = pattern.matcher(text);
    matcher.region(from, to);
    List<String> matches = new ArrayList<>();
    while (matcher.find()) {
      matches.add(matcher.start() + "-" + matcher.end());
    }
    return matches;
  }

  private static String found(String pattern, String text) {
    PatternMatcher matcher = TextPattern.compile(pattern).matcher(text);
    matcher.region(0, text.length());
    List<String> found = new ArrayList<>();
    while (matcher.find()) {
      found.add(text.substring(matcher.start(), matcher.end()));
    }
    return String.join("|", found);
  }

  private static String anyText(Random random) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(20); i > 0; i--) {
      if (random.nextInt(8) == 0) {
        text.appendCodePoint(random.nextInt(Character.MAX_CODE_POINT + 1));
      } else {
        text.append(FRAGMENTS[random.nextInt(FRAGMENTS.length)]);
      }
    }
    return text.toString();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
        "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}|"
            + " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
        "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+"
            + "(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s+",
        "\\s?[\\p{Lu}\\p{Ll}\\p{Lt}&&[^\\u10D0-\\u10FF\\x{1D400}-\\x{1D7FF}]]+",
        "[\\p{P}$+<=>^~|]+",
        "\\w+|[^\\w\\s]+",
        "(?<=[a-z])\\d|(?<!\\S)[a-z]+?\\b|\\S{2,3}?|^.|x+",
        "(a|b|word)++|[^a]$|\\B.",
        "(?>\\s*)\\n|\\s(?= )",
        "(?i)K|\u017f|[b-w]+"
      })
  void findsWhatTheJdksEngineFinds(String pattern) {
    int flags = Pattern.UNICODE_CHARACTER_CLASS | Pattern.MULTILINE | Pattern.UNIX_LINES;
    Pattern reference = Pattern.compile(pattern, flags);
    TextPattern compiled = TextPattern.compile(pattern);
    Seeds.forAll(
        2_000,
        random -> {
          String text = anyText(random);
          assertEquals(
              expected(reference, text), matches(compiled, text, 0, text.length()), () -> text);
        });
  }

  @Test
  void anEmptyMatchCountsWhereItTouchesNoOther() {
    TextPattern pattern = TextPattern.compile("x*");
    assertEquals(List.of("0-0", "1-2", "3-3"), matches(pattern, "axb", 0, 3));
    assertEquals(List.of("0-0", "2-2"), matches(pattern, "\ud83d\ude00", 0, 2));
  }

  @Test
  void seesNothingBesideItsRange() {
    assertEquals(List.of("1-4"), matches(TextPattern.compile("\\s+(?!\\S)"), "a   b", 1, 4));
    assertEquals(List.of("1-3"), matches(TextPattern.compile("\\s+(?!\\S)"), "a   b", 1, 5));
    assertEquals(List.of("1-2"), matches(TextPattern.compile("^b"), "abc", 1, 3));
  }

  @ParameterizedTest
  @CsvSource({
    "'^b', 'a~b', 'b'", // every line has a beginning
    "'a$', 'a~a', 'a|a'",
    "'\\h+', 'xFf0g', 'Ff0'",
    "'\\p{N}{2}+', '12345', '1234'",
    "'(?m:a.)', 'a~', 'a~'",
    "'a.', 'a~ab', 'ab'",
    "'\\p{^L}', 'a1', '1'",
    "'\\P{L}', 'a1', '1'",
    "'\\p{Han}+', 'a\u4e2d\u6587', '\u4e2d\u6587'",
    "'[[:alpha:]]+', 'ab1', 'ab'",
    "'a{,2}b', 'aaab', 'aab'",
    "'a{x', 'a{x', 'a{x'",
    "'[]a]+', ']a', ']a'",
    "'[a-]+', '-a', '-a'",
    "'(?i:\u00e9)', '\u00c9', '\u00c9'",
    "'(?<name>a)b', 'ab', 'ab'"
  })
  void readsPatternsAsTheReferenceDoes(String pattern, String text, String expected) {
    assertEquals(expected.replace('~', '\n'), found(pattern, text.replace('~', '\n')));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(a",
        "a)",
        "[a",
        "a\\",
        "*",
        "(?<=a+)b",
        "(a)\\1",
        "(?:a*)*",
        "(?x)a",
        "\\p{Nonsense}",
        "a{2000}",
        "(?:(?:a{90}){90}){90}",
        "[b-a]",
        "\\x{110000}",
        "\\R",
        "((((",
        "a{3,1}"
      })
  void refusesOtherPatternsInOneSentence(String pattern) {
    UnsupportedModelException refused =
        assertThrows(UnsupportedModelException.class, () -> TextPattern.compile(pattern));
    assertTrue(refused.getMessage().startsWith("the pattern '"), refused::getMessage);
  }

  @Test
  void refusesNestingBeyondReason() {
    String deep = "(".repeat(5000) + "a" + ")".repeat(3000);
    assertThrows(UnsupportedModelException.class, () -> TextPattern.compile(deep));
    assertThrows(UnsupportedModelException.class, () -> TextPattern.compile("[".repeat(5000)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(?:a+)+b",
        "(?:a|a)+b",
        "(?:a|aa)+$b",
        "\\s+\\z|a+b",
        "(?:a?){30}a{30}b",
        ".*.*.*=.*"
      })
  void takesLinearTimeWherePatternsInviteBacktracking(String pattern) {
    String text = "a".repeat(200_000) + " ".repeat(200_000) + "c";
    assertTimeoutPreemptively(Duration.ofSeconds(20), () -> found(pattern, text));
  }

  @Test
  void givesUpWhereAPatternTakesTheSquareOfTheText() {
    String text = "a".repeat(200_000);
    assertThrows(InvalidInputException.class, () -> found("(?>.*)x|.", text));
    assertThrows(InvalidInputException.class, () -> found("(?=.*)a", text));
  }
}
