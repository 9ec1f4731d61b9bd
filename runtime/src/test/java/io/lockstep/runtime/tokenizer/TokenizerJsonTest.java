package io.lockstep.runtime.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.runtime.Seeds;
import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.error.ModelException;
import io.lockstep.runtime.error.UnsupportedModelException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TokenizerJsonTest {

  @Test
  void readsAFile(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("tokenizer.json"), TinyTokenizer.JSON);
    assertEquals(23, TokenizerJson.read(file).vocabularySize());
  }

  @Test
  void namesTheFileButNotItsFolderWhenItIsMissing(@TempDir Path folder) {
    Path file = folder.resolve("tokenizer.json");
    InvalidModelException refused =
        assertThrows(InvalidModelException.class, () -> TokenizerJson.read(file));
    assertEquals("tokenizer.json cannot be read", refused.getMessage());
  }

  @Test
  void takesTruncationAndPaddingFromTheFile() {
    Tokenizer truncating =
        TinyTokenizer.with(
            "\"truncation\": null",
            "\"truncation\": {\"direction\": \"Left\", \"max_length\": 3, \"stride\": 0,"
                + " \"strategy\": \"OnlyFirst\"}");
    assertEquals(
        new Truncation(3, Truncation.Side.LEFT, Truncation.Strategy.ONLY_FIRST),
        truncating.defaultOptions().truncation());
    assertArrayEquals(
        new int[] {2, 8, 3}, truncating.encode("the a", truncating.defaultOptions()).ids());
    assertEquals(
        8, TinyTokenizer.with("\"padding\": null", "\"padding\": {\"pad_id\": 8}").padId());
  }

  @Test
  void readsTheOlderBertPostProcessor() {
    Tokenizer older =
        TinyTokenizer.with(
            "\"type\": \"TemplateProcessing\"",
            "\"type\": \"BertProcessing\", \"sep\": [\"[SEP]\", 3], \"cls\": [\"[CLS]\", 2]");
    Encoding encoding = older.encodePair("the", "a", older.defaultOptions());
    assertArrayEquals(new int[] {2, 7, 3, 8, 3}, encoding.ids());
    assertArrayEquals(new int[] {0, 0, 0, 1, 1}, encoding.typeIds());
  }

  @Test
  void addsNothingWithoutAPostProcessor() {
    Tokenizer plain = TinyTokenizer.with("\"post_processor\":", "\"other\":");
    Encoding encoding = plain.encodePair("the", "a", plain.defaultOptions());
    assertArrayEquals(new int[] {7, 8}, encoding.ids());
    assertArrayEquals(new int[] {0, 1}, encoding.typeIds());
  }

  @Test
  void refusesOtherModelKindsByName() {
    assertUnsupported(
        "\"type\": \"WordPiece\", \"unk_token\"",
        "\"type\": \"WordLevel\", \"unk_token\"",
        "tokenizer.json: model.type WordLevel is not supported, only BPE, Unigram, WordPiece are");
  }

  @Test
  void listsAllUnsupportedPartsAtOnce() {
    String json =
        TinyTokenizer.JSON
            .replace("BertNormalizer", "Rot13")
            .replace(
                "\"BertPreTokenizer\"",
                "\"Split\", \"pattern\": {\"Regex\": \"(a\"}, \"behavior\": \"Isolated\"")
            .replace("TemplateProcessing", "Shuffle");
    UnsupportedModelException refused =
        assertThrows(UnsupportedModelException.class, () -> TinyTokenizer.parse(json));
    assertEquals(
        "tokenizer.json: not supported: normalizer Rot13; pre_tokenizer.pattern.Regex (the pattern"
            + " '(a' does not close a group at character 2); post_processor Shuffle",
        refused.getMessage());
  }

  @Test
  void namesTheFieldThatIsWrong() {
    assertInvalid(
        "\"play\": 4",
        "\"play\": \"4\"",
        "tokenizer.json: model.vocab.play should be a whole number but is string");
    assertInvalid(
        "\"ids\": [2]",
        "\"ids\": [99]",
        "tokenizer.json: post_processor.special_tokens.[CLS].ids[0] should be an id below 23 but"
            + " is number");
    assertInvalid(
        "\"play\": 4", "\"play\": 7", "tokenizer gives id 7 to both \"play\" and \"the\"");
    assertInvalid(
        "\"play\": 4",
        "\"play\": 4194304",
        "tokenizer gives token \"play\" the id 4194304, outside 0 to 4194303");
    assertInvalid(
        "\"unk_token\": \"[UNK]\"",
        "\"unk_token\": \"<unk>\"",
        "tokenizer.json: the vocabulary lacks the unknown token <unk>");
    assertInvalid(
        "\"pair\": [",
        "\"pair\": [{\"Sequence\": {\"id\": \"B\", \"type_id\": 1}},",
        "tokenizer.json: post_processor.pair should be a template with A and B once but is array");
  }

  @Test
  void saysWhereTheJsonBreaks() {
    assertInvalid(
        "\"truncation\": null,",
        "\"truncation\": nul,",
        "tokenizer.json is not valid JSON at line 2, column 17");
  }

  @Test
  void refusesDeepNestingAndOtherDocuments() {
    assertThrows(InvalidModelException.class, () -> TinyTokenizer.parse("[".repeat(100_000)));
    assertThrows(InvalidModelException.class, () -> TinyTokenizer.parse("[]"));
    assertThrows(InvalidModelException.class, () -> TinyTokenizer.parse(""));
    assertThrows(InvalidModelException.class, () -> TinyTokenizer.parse("{} {}"));
  }

  @Test
  void refusesAMutatedFileInOneSentenceOrReadsIt() {
    byte[] original = TinyTokenizer.JSON.getBytes(StandardCharsets.UTF_8);
    Seeds.forAll(
        500,
        random -> {
          byte[] mutated = original.clone();
          for (int i = 0; i <= random.nextInt(4); i++) {
            mutated[random.nextInt(mutated.length)] = (byte) random.nextInt(256);
          }
          try {
            Tokenizer tokenizer = TokenizerJson.parse(mutated);
            tokenizer.encode("the players. [SEP]", tokenizer.defaultOptions());
          } catch (ModelException e) {
            assertTrue(e.getMessage() != null && !e.getMessage().contains("\n"), e::getMessage);
          }
        });
  }

  private static void assertInvalid(String original, String replacement, String message) {
    InvalidModelException refused =
        assertThrows(InvalidModelException.class, () -> TinyTokenizer.with(original, replacement));
    assertEquals(message, refused.getMessage());
  }

  private static void assertUnsupported(String original, String replacement, String message) {
    UnsupportedModelException refused =
        assertThrows(
            UnsupportedModelException.class, () -> TinyTokenizer.with(original, replacement));
    assertEquals(message, refused.getMessage());
  }
}
