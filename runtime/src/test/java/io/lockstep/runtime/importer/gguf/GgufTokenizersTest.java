package io.lockstep.runtime.importer.gguf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lockstep.runtime.Seeds;
import io.lockstep.runtime.TestFolders;
import io.lockstep.runtime.tokenizer.EncodeOptions;
import io.lockstep.runtime.tokenizer.IncrementalDetokenizer;
import io.lockstep.runtime.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
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
    List<String> expected =
        Files.readAllLines(TestFolders.testdata("tokenizers/ggml-vocab-" + name + ".gguf.out"));
    List<String> texts = inputs(name);
    assertEquals(46, expected.size());
    for (int i = 0; i < expected.size(); i++) {
      int[] ids =
          Arrays.stream(expected.get(i).split(" "))
              .filter(id -> !id.isEmpty())
              .mapToInt(Integer::parseInt)
              .toArray();
      assertArrayEquals(ids, tokenizer.encode(texts.get(i), bare).ids(), "input " + i);
      if (!name.equals("bert-bge")) {
        assertEquals(texts.get(i), tokenizer.decode(ids, false), "input " + i);
      }
      assertEquals(tokenizer.decode(ids, false), piecewise(tokenizer, ids), "input " + i);
    }
  }

  @Test
  void decodesAnyTokensPiecewiseAsInOneGo() {
    Tokenizer tokenizer = tokenizer("ggml-vocab-gpt-2.gguf");
    Seeds.forAll(
        500,
        random -> {
          int[] ids = random.ints(20, 0, 256).toArray(); // the tokens of single bytes
          assertEquals(tokenizer.decode(ids, false), piecewise(tokenizer, ids));
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

  private static String piecewise(Tokenizer tokenizer, int[] ids) {
    IncrementalDetokenizer detokenizer = tokenizer.detokenizer(false, true);
    StringBuilder text = new StringBuilder();
    for (int id : ids) {
      text.append(detokenizer.add(id));
    }
    return text.append(detokenizer.finish()).toString();
  }

  private static List<String> inputs(String name) throws IOException {
    Path file = TestFolders.testdata("tokenizers/ggml-vocab-" + name + ".gguf.inp");
    return List.of(Files.readString(file).split("\n__ggml_vocab_test__\n", -1));
  }

  private static Tokenizer tokenizer(String file) {
    try (GgufFile gguf = GgufFile.open(TestFolders.testdata("tokenizers/" + file))) {
      return GgufTokenizers.read(gguf.metadata());
    }
  }
}
