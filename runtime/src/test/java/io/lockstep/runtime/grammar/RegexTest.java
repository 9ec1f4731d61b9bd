package io.lockstep.runtime.grammar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.runtime.Seeds;
import io.lockstep.runtime.error.InvalidInputException;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

final class RegexTest {

  @Test
  void randomTextsMatchByTheJdksEngine() {
    RandomWalk walk = new RandomWalk("stories260k/stories260K.gguf");
    List<String> expressions =
        List.of(
            "(\\+49|0)[1-9]\\d{2,4}/\\d{3,}?",
            "^(?:Mon|Tues|Wednes)day( (?<hour>[01]?\\d):[0-5]\\d)?$",
            "[^a-z\\s\"\\]-]{2,5}x*?",
            "\\w+@\\w+\\.(com|org|\\x64\\u0065)",
            "[\\p{Lu}\\d_-][\\p{L}]{1,3}\\P{L}",
            "^$|a|[😀-😃]{2}",
            "\\s\\S\\W\\D.\\.\\t",
            "((a|b)*c){2}[\\x41\\[\\\\^]?");
    Seeds.forAll(
        400,
        random -> {
          String expression = expressions.get(random.nextInt(expressions.size()));
          GrammarState state = walk.start(Grammar.regex(expression));
          String text = walk.walk(state, 100, random);
          assertTrue(
              !state.isComplete() || Pattern.matches(expression, text),
              () -> "'" + text + "' by " + expression);
        });
  }

  @Test
  void textsMatchAsAWhole() {
    Grammar grammar = Grammar.regex("a[b-d]+?|^x\\n$|");
    for (String text : List.of("abcd", "ad", "x\n", "")) {
      assertTrue(grammar.matches(text), text);
    }
    for (String text : List.of("a", "abx", "x", "ab\n")) {
      assertFalse(grammar.matches(text), text);
    }
  }

  @Test
  void saysWhatIsNotSupported() {
    assertRefused("a(?=b)", "character 3: look-around and flags are not supported");
    assertRefused("(?<!b)", "character 3: look-around and flags are not supported");
    assertRefused("(?i)b", "character 2: look-around and flags are not supported");
    assertRefused("(a)\\1", "character 5: references to groups are not supported");
    assertRefused("a\\b", "character 3: the assertion \\b is not supported");
    assertRefused("a++", "character 3: possessive repetitions are not supported");
    assertRefused("a{3,1}", "character 6: a repetition is {3}, {2,} or {1,3}");
    assertRefused("a{1001}", "character 6: a repetition needs a number up to 1000");
    assertRefused("(a", "character 2: a group is not closed");
    assertRefused("a)", "character 1: a ')' closes nothing");
    assertRefused("[a", "character 2: it ends too early");
    assertRefused("[]a]", "character 1: a class is empty, or its ']' needs a backslash");
    assertRefused("*a", "character 0: '*' repeats nothing");
    assertRefused(
        "\\p{Greek}", "character 9: \\p knows general categories such as L or Lu, but not 'Greek'");
    assertEquals(
        "regular expression: ^ and $ are supported at the ends of an alternative only",
        refusal("a^b"));
  }

  private static void assertRefused(String expression, String message) {
    assertEquals("regular expression, " + message, refusal(expression));
  }

  private static String refusal(String expression) {
    return String.valueOf(
        assertThrows(InvalidInputException.class, () -> Grammar.regex(expression), expression)
            .getMessage());
  }
}
