package io.lockstep.training;

import io.lockstep.runtime.DecoderModel;
import io.lockstep.runtime.KernelBackends;
import io.lockstep.runtime.RuntimeOptions;
import io.lockstep.runtime.RuntimeOptions.KernelChoice;
import io.lockstep.runtime.tokenizer.Tokenizer;
import io.lockstep.training.file.StoryTellerFile;
import io.lockstep.training.network.DecoderPass;
import io.lockstep.training.network.DecoderShape;
import io.lockstep.training.vocabulary.StoryVocabulary;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Writes what a trained story teller answers when it always takes the likeliest token: {@code
 * WriteGolden FILE REQUEST} makes {@code golden.txt} beside the file, the request in its first line
 * and the answer below. The network that was trained computes it, with the file's weights as
 * floats; the engine's decoder has no part in it.
 */
public final class WriteGolden {

  private static final DecoderShape SHAPE = TrainStoryteller.SHAPE;

  private WriteGolden() {}

  /** Writes; see the class. */
  public static void main(String[] arguments) throws IOException {
    Path file = Path.of(arguments[0]);
    String request = arguments[1];
    try (DecoderModel model = DecoderModel.load(file, RuntimeOptions.defaults())) {
      MemorySegment weights = StoryTellerFile.weights(SHAPE, file);
      String answer = answer(model.tokenizer(), weights, request);
      Files.writeString(file.resolveSibling("golden.txt"), request + "\n" + answer + "\n");
    }
  }

  private static String answer(Tokenizer tokenizer, MemorySegment weights, String request) {
    int[] tokens = new int[SHAPE.context()];
    int[] prompt = StoryVocabulary.prompt(tokenizer, request);
    System.arraycopy(prompt, 0, tokens, 0, prompt.length);
    var kernels = KernelBackends.select(KernelChoice.AUTO).kernels();
    var pass = new DecoderPass(SHAPE, kernels, 1, SHAPE.context());
    int end = prompt.length;
    while (end < tokens.length) {
      float[] logits = pass.logits(weights, tokens).toArray(ValueLayout.JAVA_FLOAT);
      int next = greatest(logits, (end - 1) * SHAPE.vocabulary());
      if (next == StoryVocabulary.END) {
        break;
      }
      tokens[end++] = next;
    }
    return tokenizer.decode(Arrays.copyOfRange(tokens, prompt.length, end), true);
  }

  /** The likeliest token of the logits from {@code from} on. */
  private static int greatest(float[] logits, int from) {
    int greatest = 0;
    for (int id = 1; id < SHAPE.vocabulary(); id++) {
      if (logits[from + id] > logits[from + greatest]) {
        greatest = id;
      }
    }
    return greatest;
  }
}
