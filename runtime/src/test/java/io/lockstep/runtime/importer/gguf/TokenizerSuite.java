package io.lockstep.runtime.importer.gguf;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lockstep.runtime.TestFolders;
import io.lockstep.runtime.tokenizer.IncrementalDetokenizer;
import io.lockstep.runtime.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Texts and the ids that a published model's reference implementation gives them. */
final class TokenizerSuite {

  /** One text with its ids, [tokens]. */
  record Input(String text, List<Integer> tokens) {

    int[] ids() {
      return tokens.stream().mapToInt(Integer::intValue).toArray();
    }
  }

  private TokenizerSuite() {}

  /** All inputs of a vocabulary. */
  static List<Input> of(String name) throws IOException {
    Path outputs = TestFolders.testdata("tokenizers/ggml-vocab-" + name + ".gguf.out");
    Path texts = TestFolders.testdata("tokenizers/ggml-vocab-" + name + ".gguf.inp");
    List<String> expected = Files.readAllLines(outputs);
    String[] all = Files.readString(texts).split("\n__ggml_vocab_test__\n", -1);
    assertEquals(46, expected.size());
    List<Input> inputs = new ArrayList<>();
    for (int i = 0; i < expected.size(); i++) {
      List<Integer> ids =
          Arrays.stream(expected.get(i).split(" "))
              .filter(id -> !id.isEmpty())
              .map(Integer::valueOf)
              .toList();
      inputs.add(new Input(all[i], ids));
    }
    return inputs;
  }

  /** The text of tokens that come one after the other. */
  static String piecewise(Tokenizer tokenizer, int[] ids) {
    IncrementalDetokenizer detokenizer = tokenizer.detokenizer(false, true);
    StringBuilder text = new StringBuilder();
    for (int id : ids) {
      text.append(detokenizer.add(id));
    }
    return text.append(detokenizer.finish()).toString();
  }
}
