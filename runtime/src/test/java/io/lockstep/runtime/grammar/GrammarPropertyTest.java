package io.lockstep.runtime.grammar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lockstep.runtime.Seeds;
import io.lockstep.runtime.error.InvalidInputException;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Random walks by mask over real vocabularies. */
final class GrammarPropertyTest {

  @Test
  void textsThatEndAreJsonObjects() {
    RandomWalk walk = new RandomWalk("stories260k/stories260K.gguf");
    Grammar grammar = Grammar.jsonObject();
    ObjectMapper mapper = new ObjectMapper();
    int[] finished = new int[1];
    Seeds.forAll(
        1_000,
        random -> {
          GrammarState state = walk.start(grammar);
          String text = walk.walk(state, 200, random);
          if (state.isComplete()) {
            finished[0]++;
            try {
              assertTrue(mapper.readTree(text).isObject(), text);
            } catch (JsonProcessingException e) {
              throw new AssertionError(text, e);
            }
          }
        });
    assertTrue(finished[0] > 100, finished[0] + " texts ended");
  }

  @Test
  void textsFollowAGrammarOverALargeVocabulary() {
    RandomWalk walk = new RandomWalk("tokenizers/ggml-vocab-gpt-2.gguf");
    Grammar grammar =
        Grammar.parse(
            """
            root ::= greeting ", " name{1,2} [!?.]  # a comment
            greeting ::= "Hello" | "Grüße"
            name ::= [A-Zé-ſ\\u4e00-\\u9fa5] [a-z]* | "(" name ")"
            """);
    Pattern expected =
        Pattern.compile("(Hello|Grüße), [(A-Zé-ſ\u4e00-\u9fa5][A-Za-zé-ſ()\u4e00-\u9fa5]*[!?.]");
    Seeds.forAll(
        30,
        random -> {
          GrammarState state = walk.start(grammar);
          String text = walk.walk(state, 200, random);
          assertTrue(!state.isComplete() || expected.matcher(text).matches(), text);
        });
  }

  @Test
  void aChoiceAllowsExactlyItsTexts() {
    RandomWalk walk = new RandomWalk("stories260k/stories260K.gguf");
    List<String> texts = List.of("yes", "yesterday", "no", "日本");
    Grammar grammar = Grammar.choice(texts);
    Seeds.forAll(
        100,
        random -> {
          GrammarState state = walk.start(grammar);
          String text = walk.walk(state, 200, random);
          assertTrue(state.isComplete());
          assertTrue(texts.contains(text), text);
          assertThrows(InvalidInputException.class, () -> state.accept(-1));
        });
  }

  @Test
  void refusesWhatIsNoGrammar() {
    assertRefused("root ::= a", "the grammar lacks the rule 'a'");
    assertRefused("a ::= \"x\"", "the grammar has no rule 'root'");
    assertRefused("root ::= \"a\" root", "no finite text follows the grammar");
    assertRefused(
        "root ::= \"\" root \"a\" | \"b\"",
        "rule 'root' of the grammar begins with itself, which is not supported");
    assertRefused("root ::= [a", "grammar, character 12: a literal or a class is not closed");
    assertRefused(
        "root ::= \"a\"{9999}", "grammar, character 18: a repetition needs a number up to 1000");
  }

  @Test
  void hostileGrammarsCostLittle() {
    StringBuilder chain = new StringBuilder("root ::= r3999\nr0 ::= \"\"\n");
    for (int i = 1; i < 4000; i++) {
      chain.append("r%d ::= r%d\n".formatted(i, i - 1));
    }
    assertTrue(Grammar.parse(chain.toString()).matches(""));
    Grammar ambiguous = Grammar.parse("root ::= \"x\" root \"a\" | \"x\" root \"b\" | \"x\"");
    assertTrue(ambiguous.matches("xxxaa"));
    assertEquals(
        "the grammar is too ambiguous: a text may be at more than 20000 places of it",
        assertThrows(InvalidInputException.class, () -> ambiguous.matches("x".repeat(1000)))
            .getMessage());
  }

  private static void assertRefused(String grammar, String message) {
    InvalidInputException refused =
        assertThrows(InvalidInputException.class, () -> Grammar.parse(grammar));
    assertEquals(message, refused.getMessage());
  }
}
