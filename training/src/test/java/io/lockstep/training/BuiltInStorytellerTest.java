package io.lockstep.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.runtime.DecoderModel;
import io.lockstep.runtime.RuntimeOptions;
import io.lockstep.runtime.RuntimeOptions.KernelChoice;
import io.lockstep.runtime.decoder.BlockAllocator;
import io.lockstep.runtime.decoder.BlockTable;
import io.lockstep.runtime.decoder.DecoderSession;
import io.lockstep.runtime.decoder.StepBatch;
import io.lockstep.runtime.tokenizer.Tokenizer;
import io.lockstep.training.text.Documents;
import io.lockstep.training.text.Documents.Turn;
import io.lockstep.training.vocabulary.StoryVocabulary;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The committed story teller is small, and the engine tells what the trained network tells. */
final class BuiltInStorytellerTest {

  private static final Path FOLDER =
      Path.of(System.getProperty("lockstep.root"), "models", "repository", "storyteller", "1");

  private static final int CONTEXT = TrainStoryteller.SHAPE.context();

  private static DecoderModel model(KernelChoice kernels) {
    return DecoderModel.load(
        FOLDER.resolve("model.gguf"), RuntimeOptions.defaults().withKernels(kernels));
  }

  @Test
  void theFileIsSmallEnoughForTheSources() throws IOException {
    assertTrue(Files.size(FOLDER.resolve("model.gguf")) <= 5 << 20);
  }

  @ParameterizedTest
  @EnumSource(names = {"SCALAR", "VECTOR", "JIT_AVX2", "AUTO"})
  void theLikeliestTextIsTheGolden(KernelChoice kernels) throws IOException {
    String golden = Files.readString(FOLDER.resolve("golden.txt"));
    int end = golden.indexOf('\n');
    try (DecoderModel model = model(kernels)) {
      assertEquals(
          golden.substring(end + 1).stripTrailing(), answer(model, golden.substring(0, end)));
    }
  }

  private static String answer(DecoderModel model, String request) {
    int[] prompt = StoryVocabulary.prompt(model.tokenizer(), request);
    int[] tokens = Arrays.copyOf(prompt, CONTEXT);
    int end = prompt.length;
    try (DecoderSession session = model.newSession(BlockAllocator.blocksFor(CONTEXT))) {
      BlockTable table = session.blocks().match(new int[0]);
      session.blocks().grow(table, CONTEXT);
      int next = greatest(session, table, tokens, 0, end);
      while (next != StoryVocabulary.END && end < CONTEXT) {
        tokens[end] = next;
        next = greatest(session, table, tokens, end, 1);
        end++;
      }
    }
    return model.tokenizer().decode(Arrays.copyOfRange(tokens, prompt.length, end), true);
  }

  /** The likeliest token after {@code count} more tokens. */
  private static int greatest(
      DecoderSession session, BlockTable table, int[] tokens, int from, int count) {
    StepBatch batch = new StepBatch();
    batch.add(tokens, from, count, from, table, true);
    float[] logits = session.forward(batch).toArray(ValueLayout.JAVA_FLOAT);
    int greatest = 0;
    for (int id = 1; id < logits.length; id++) {
      greatest = logits[id] > logits[greatest] ? id : greatest;
    }
    return greatest;
  }

  @Test
  void itsTokenizerGivesBackWhatWasToldToIt() {
    Documents documents = new Documents(31);
    try (DecoderModel model = model(KernelChoice.SCALAR)) {
      Tokenizer tokenizer = model.tokenizer();
      for (int i = 0; i < 50; i++) {
        for (Turn turn : documents.next()) {
          int[] ids = tokenizer.encode(turn.text(), tokenizer.defaultOptions()).ids();
          assertEquals(StoryVocabulary.BEGIN, ids[0]);
          assertEquals(turn.text(), tokenizer.decode(ids, true));
        }
      }
    }
  }
}
