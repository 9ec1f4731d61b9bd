package io.lockstep.runtime.importer.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lockstep.runtime.Seeds;
import io.lockstep.runtime.TestFolders;
import io.lockstep.runtime.tokenizer.EncodeOptions;
import io.lockstep.runtime.tokenizer.Tokenizer;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tokenizers of published models against the ids of their reference implementation. */
final class GgufTokenizersTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bert-bge",
        "deepseek-coder",
        "deepseek-llm",
        "falcon",
        "gpt-2",
        "llama-spm",
        "mpt",
        "phi-3",
        "refact",
        "starcoder"
      })
  void encodesTheInputsOfTheSuiteAndDecodesThemAgain(String name) throws IOException {
    Tokenizer tokenizer = tokenizer("ggml-vocab-" + name + ".gguf");
    EncodeOptions bare = tokenizer.defaultOptions().withSpecialTokens(false);
    for (TokenizerSuite.Input input : TokenizerSuite.of(name)) {
      int[] ids = input.ids();
      assertArrayEquals(ids, tokenizer.encode(input.text(), bare).ids(), input.text());
      if (!name.equals("bert-bge")) {
        assertEquals(input.text(), tokenizer.decode(ids, false));
      }
      assertEquals(tokenizer.decode(ids, false), TokenizerSuite.piecewise(tokenizer, ids));
    }
  }

  @Test
  void decodesAnyTokensPiecewiseAsInOneGo() {
    Tokenizer tokenizer = tokenizer("ggml-vocab-gpt-2.gguf");
    Seeds.forAll(
        500,
        random -> {
          int[] ids = random.ints(20, 0, 256).toArray(); // the tokens of single bytes
          assertEquals(tokenizer.decode(ids, false), TokenizerSuite.piecewise(tokenizer, ids));
        });
  }

  @Test
  void mergesAMillionEqualCharacters() {
    String text = "a".repeat(1_000_000);
    for (String name : List.of("llama-spm", "gpt-2")) {
      Tokenizer tokenizer = tokenizer("ggml-vocab-" + name + ".gguf");
      int[] ids = tokenizer.encode(text, tokenizer.defaultOptions()).ids();
      assertEquals(text, tokenizer.decode(ids, true));
    }
  }

  private static Tokenizer tokenizer(String file) {
    try (GgufFile gguf = GgufFile.open(TestFolders.testdata("tokenizers/" + file))) {
      return GgufTokenizers.read(gguf.metadata());
    }
  }
}
