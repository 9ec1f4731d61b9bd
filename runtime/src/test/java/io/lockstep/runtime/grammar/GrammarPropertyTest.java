package io.lockstep.runtime.grammar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lockstep.runtime.Seeds;
import io.lockstep.runtime.TestFolders;
import io.lockstep.runtime.error.InvalidInputException;
import io.lockstep.runtime.importer.gguf.GgufFile;
import io.lockstep.runtime.importer.gguf.GgufTokenizers;
import io.lockstep.runtime.tokenizer.IncrementalDetokenizer;
import io.lockstep.runtime.tokenizer.Tokenizer;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Random walks by mask over real vocabularies. */
final class GrammarPropertyTest {

  @Test
  void textsThatEndAreJsonObjects() {
    Tokenizer tokenizer = tokenizer("stories260k/stories260K.gguf");
    GrammarVocabulary vocabulary = new GrammarVocabulary(tokenizer);
    Grammar grammar = Grammar.jsonObject();
    ObjectMapper mapper = new ObjectMapper();
    int[] finished = new int[1];
    Seeds.forAll(
        1_000,
        random -> {
          GrammarState state = grammar.start(vocabulary);
          String text = walk(state, tokenizer, random);
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
    Tokenizer tokenizer = tokenizer("tokenizers/ggml-vocab-gpt-2.gguf");
    GrammarVocabulary vocabulary = new GrammarVocabulary(tokenizer);
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
          GrammarState state = grammar.start(vocabulary);
          String text = walk(state, tokenizer, random);
          assertTrue(!state.isComplete() || expected.matcher(text).matches(), text);
        });
  }

  @Test
  void aChoiceAllowsExactlyItsTexts() {
    Tokenizer tokenizer = tokenizer("stories260k/stories260K.gguf");
    GrammarVocabulary vocabulary = new GrammarVocabulary(tokenizer);
    List<String> texts = List.of("yes", "yesterday", "no", "日本");
    Grammar grammar = Grammar.choice(texts);
    Seeds.forAll(
        100,
        random -> {
          GrammarState state = grammar.start(vocabulary);
          String text = walk(state, tokenizer, random);
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

  private static void assertRefused(String grammar, String message) {
    InvalidInputException refused =
        assertThrows(InvalidInputException.class, () -> Grammar.parse(grammar));
    assertEquals(message, refused.getMessage());
  }

  /** Chooses any allowed token until the text ends, prefers to end, gives up at 200 tokens. */
  private static String walk(GrammarState state, Tokenizer tokenizer, Random random) {
    IncrementalDetokenizer detokenizer = tokenizer.detokenizer(true, false);
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 200 && !state.isOver(); i++) {
      if (state.isComplete() && random.nextBoolean()) {
        break;
      }
      BitSet mask = state.mask();
      assertFalse(mask.isEmpty(), "a dead end");
      int id = mask.nextSetBit(random.nextInt(mask.length()));
      text.append(detokenizer.add(id));
      state.accept(id);
    }
    return text.append(detokenizer.finish()).toString();
  }

  private static Tokenizer tokenizer(String file) {
    try (GgufFile gguf = GgufFile.open(TestFolders.testdata(file))) {
      return GgufTokenizers.read(gguf.metadata());
    }
  }
}
