package io.lockstep.runtime.importer.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lockstep.runtime.TestFolders;
import io.lockstep.runtime.tokenizer.EncodeOptions;
import io.lockstep.runtime.tokenizer.Tokenizer;
import io.lockstep.runtime.tokenizer.TokenizerJson;
import java.io.IOException;
import java.nio.file.Path;
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
    for (TokenizerSuite.Input input : TokenizerSuite.of(name)) {
      int[] ids = input.ids();
      assertArrayEquals(ids, tokenizer.encode(input.text(), bare).ids(), input.text());
      assertEquals(input.text(), tokenizer.decode(ids, false));
      // no part ever shows half a character: U+FFFD is in none of the texts
      assertEquals(input.text(), TokenizerSuite.piecewise(tokenizer, ids));
    }
  }

  private static Tokenizer tokenizer(
      String name, TokenizerJsonFile.Family family, boolean asPairs) {
    Path file = TestFolders.testdata("tokenizers/ggml-vocab-" + name + ".gguf");
    try (GgufFile gguf = GgufFile.open(file)) {
      return TokenizerJson.parse(TokenizerJsonFile.of(gguf.metadata(), family, asPairs));
    }
  }
}
