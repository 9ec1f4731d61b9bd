package io.lockstep.runtime.importer.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lockstep.runtime.TestFolders;
import io.lockstep.runtime.tokenizer.EncodeOptions;
import io.lockstep.runtime.tokenizer.IncrementalDetokenizer;
import io.lockstep.runtime.tokenizer.Tokenizer;
import io.lockstep.runtime.tokenizer.TokenizerJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Vocabularies of published models, written as tokenizer.json with the parts that the families' own
 * files have, against the ids of the reference implementation.
 */
final class TokenizerJsonEquivalenceTest {

  @ParameterizedTest
  @CsvSource({
    "gpt-2, GPT2, false",
    "mpt, GPT2, true",
    "starcoder, STARCODER, false",
    "refact, STARCODER, true",
    "falcon, FALCON, false",
    "deepseek-llm, DEEPSEEK_LLM, true",
    "deepseek-coder, DEEPSEEK_CODER, false",
    "llama-spm, LLAMA, false",
    "phi-3, LLAMA, true",
  })
  void encodesAsTheReferenceDoesAndDecodesAgain(
      String name, TokenizerJsonFile.Family family, boolean asPairs) throws IOException {
    Tokenizer tokenizer = tokenizer(name, family, asPairs);
    EncodeOptions bare = tokenizer.defaultOptions().withSpecialTokens(false);
    Path outputs = TestFolders.testdata("tokenizers/ggml-vocab-" + name + ".gguf.out");
    Path inputs = TestFolders.testdata("tokenizers/ggml-vocab-" + name + ".gguf.inp");
    List<String> expected = Files.readAllLines(outputs);
    String[] texts = Files.readString(inputs).split("\n__ggml_vocab_test__\n", -1);
    assertEquals(46, expected.size());
    for (int i = 0; i < expected.size(); i++) {
      int[] ids =
          Arrays.stream(expected.get(i).split(" "))
              .filter(id -> !id.isEmpty())
              .mapToInt(Integer::parseInt)
              .toArray();
      assertArrayEquals(ids, tokenizer.encode(texts[i], bare).ids(), "input " + i);
      assertEquals(texts[i], tokenizer.decode(ids, false), "input " + i);
      assertEquals(texts[i], piecewise(tokenizer, ids), "input " + i);
    }
  }

  /** No part ever shows half a character: U+FFFD is in none of the texts. */
  private static String piecewise(Tokenizer tokenizer, int[] ids) {
    IncrementalDetokenizer detokenizer = tokenizer.detokenizer(false, true);
    StringBuilder text = new StringBuilder();
    for (int id : ids) {
      text.append(detokenizer.add(id));
    }
    return text.append(detokenizer.finish()).toString();
  }

  private static Tokenizer tokenizer(
      String name, TokenizerJsonFile.Family family, boolean asPairs) {
    Path file = TestFolders.testdata("tokenizers/ggml-vocab-" + name + ".gguf");
    try (GgufFile gguf = GgufFile.open(file)) {
      return TokenizerJson.parse(TokenizerJsonFile.of(gguf.metadata(), family, asPairs));
    }
  }
}
