package io.lockstep.runtime.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Token ids of the published models against those of the reference implementation. */
final class TokenizerGoldenTest {

  @ParameterizedTest
  @CsvSource({"minilm-fp32, minilm-int8", "minilm-q, minilm-int8", "bge-small-q, bge-small-int8"})
  void encodesTheSentencesOfTheEmbeddingGoldens(String golden, String model) throws IOException {
    Tokenizer tokenizer = TokenizerJson.read(tokenizerFile(model));
    JsonNode expected =
        new ObjectMapper().readTree(testdata("golden/embeddings.json").toFile()).path(golden);
    JsonNode sentences = expected.path("sentences");
    assertEquals(10, sentences.size());
    for (int i = 0; i < sentences.size(); i++) {
      int[] ids = new ObjectMapper().convertValue(expected.path("token_ids").path(i), int[].class);
      String sentence = sentences.path(i).textValue();
      assertArrayEquals(
          ids, tokenizer.encode(sentence, tokenizer.defaultOptions()).ids(), sentence);
    }
  }

  @Test
  void encodesTheInputsOfTheBertSuite() throws IOException {
    Tokenizer tokenizer = TokenizerJson.read(tokenizerFile("bge-small-int8"));
    String inputs = Files.readString(testdata("tokenizers/ggml-vocab-bert-bge.gguf.inp"));
    List<String> expected = Files.readAllLines(testdata("tokenizers/ggml-vocab-bert-bge.gguf.out"));
    List<String> texts = Arrays.asList(inputs.split("\n__ggml_vocab_test__\n", -1));
    texts = texts.subList(0, expected.size());
    assertEquals(46, texts.size());
    EncodeOptions bare = tokenizer.defaultOptions().withSpecialTokens(false);
    for (int i = 0; i < texts.size(); i++) {
      int[] ids =
          Arrays.stream(expected.get(i).split(" "))
              .filter(id -> !id.isEmpty())
              .mapToInt(Integer::parseInt)
              .toArray();
      assertArrayEquals(ids, tokenizer.encode(texts.get(i), bare).ids(), "input " + i);
    }
  }

  private static Path tokenizerFile(String model) {
    String models = System.getProperty("lockstep.models");
    Path folder =
        models != null
            ? Path.of(models)
            : Path.of(System.getProperty("lockstep.root", "..")).resolve("models/target");
    Path file = folder.resolve("test-models").resolve(model).resolve("tokenizer.json");
    assumeTrue(Files.exists(file), () -> "the models module has not built " + model);
    return file;
  }

  private static Path testdata(String name) {
    Path file = Path.of(System.getProperty("lockstep.testdata", "../../shared/testdata"), name);
    assumeTrue(Files.exists(file), () -> "test data is missing: " + name);
    return file;
  }
}
