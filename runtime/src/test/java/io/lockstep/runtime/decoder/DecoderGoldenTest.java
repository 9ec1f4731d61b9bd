package io.lockstep.runtime.decoder;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.lockstep.runtime.DecoderModel;
import io.lockstep.runtime.RuntimeOptions;
import io.lockstep.runtime.RuntimeOptions.KernelChoice;
import io.lockstep.runtime.TestFolders;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A small real Llama model against the text that its author's program writes. */
class DecoderGoldenTest {

  private static int[] golden() throws IOException {
    return new ObjectMapper()
        .convertValue(
            new ObjectMapper()
                .readTree(TestFolders.testdata("stories260k/golden_greedy.json").toFile())
                .get("ids"),
            int[].class);
  }

  private static DecoderModel model(String name, KernelChoice kernels) {
    return DecoderModel.load(
        TestFolders.testdata("stories260k/" + name),
        RuntimeOptions.defaults().withKernels(kernels));
  }

  /** Logits after the last token of a piece, float [vocabulary]. */
  private static float[] step(
      DecoderSession session, BlockTable table, int[] tokens, int from, int count) {
    assertTrue(session.blocks().grow(table, from + count));
    StepBatch batch = new StepBatch();
    batch.add(tokens, from, count, from, table, true);
    return session.forward(batch).toArray(ValueLayout.JAVA_FLOAT);
  }

  private static int greatest(float[] logits) {
    int greatest = 0;
    for (int i = 1; i < logits.length; i++) {
      if (logits[i] > logits[greatest]) {
        greatest = i;
      }
    }
    return greatest;
  }

  private static void assertContinuesAsTheGolden(KernelChoice kernels) throws IOException {
    int[] expected = golden();
    try (DecoderModel model = model("stories260K.gguf", kernels);
        DecoderSession session = model.newSession(32)) {
      BlockTable table = session.blocks().match(new int[0]);
      int[] tokens = Arrays.copyOf(expected, expected.length);
      for (int i = 1; i < tokens.length; i++) {
        tokens[i] = greatest(step(session, table, tokens, i - 1, 1));
      }
      assertArrayEquals(expected, tokens);
    }
  }

  @Test
  void vectorKernelsWriteTheGoldenText() throws IOException {
    assertContinuesAsTheGolden(KernelChoice.AUTO);
  }

  @Test
  void scalarKernelsWriteTheGoldenText() throws IOException {
    assertContinuesAsTheGolden(KernelChoice.SCALAR);
  }

  /** exp of the mean negative log probability of each token of the golden text after the first. */
  private static double perplexity(String name) throws IOException {
    int[] tokens = golden();
    try (DecoderModel model = model(name, KernelChoice.AUTO);
        DecoderSession session = model.newSession(32)) {
      BlockTable table = session.blocks().match(new int[0]);
      double loss = 0;
      for (int i = 1; i < tokens.length; i++) {
        float[] logits = step(session, table, tokens, i - 1, 1);
        double sum = 0;
        for (float logit : logits) {
          sum += Math.exp(logit - logits[tokens[i]]);
        }
        loss += Math.log(sum);
      }
      return Math.exp(loss / (tokens.length - 1));
    }
  }

  @Test
  void quantisedFilesArePerplexedLittleMore() throws IOException {
    double exact = perplexity("stories260K.gguf");
    double q8 = perplexity("stories260K-q8_0.gguf");
    double q4 = perplexity("stories260K-q4_0.gguf");
    assertEquals(1, q8 / exact, 0.01, exact + " " + q8);
    assertEquals(1, q4 / exact, 0.1, exact + " " + q4);
  }

  @Test
  void logitsDoNotDependOnChunksOrNeighbours() throws IOException {
    int[] tokens = Arrays.copyOf(golden(), 100);
    try (DecoderModel model = model("stories260K-q8_0.gguf", KernelChoice.AUTO);
        DecoderSession session = model.newSession(64)) {
      BlockTable lone = session.blocks().match(new int[0]);
      float[] expected = new float[0];
      for (int i = 0; i < tokens.length; i++) {
        expected = step(session, lone, tokens, i, 1);
      }
      Random random = new Random(3);
      BlockTable chunked = session.blocks().match(new int[0]);
      BlockTable neighbour = session.blocks().match(new int[0]);
      float[] actual = new float[0];
      int from = 0;
      int neighbourAt = 0;
      while (from < tokens.length) {
        int count = Math.min(1 + random.nextInt(30), tokens.length - from);
        assertTrue(session.blocks().grow(chunked, from + count));
        assertTrue(session.blocks().grow(neighbour, neighbourAt + 3));
        StepBatch batch = new StepBatch();
        batch.add(new int[] {5, 300, 7}, 0, 3, neighbourAt, neighbour, true);
        batch.add(tokens, from, count, from, chunked, true);
        MemorySegment logits = session.forward(batch);
        actual = logits.asSlice(logits.byteSize() / 2).toArray(ValueLayout.JAVA_FLOAT);
        from += count;
        neighbourAt += 3;
      }
      assertArrayEquals(expected, actual);
    }
  }

  @Test
  void aSharedPrefixGivesTheSameLogits() throws IOException {
    int[] tokens = Arrays.copyOf(golden(), 50);
    try (DecoderModel model = model("stories260K.gguf", KernelChoice.AUTO);
        DecoderSession session = model.newSession(16)) {
      BlockTable first = session.blocks().match(tokens);
      float[] expected = step(session, first, tokens, 0, tokens.length);
      session.blocks().publish(first, tokens, tokens.length);
      session.blocks().release(first);
      BlockTable second = session.blocks().match(tokens);
      assertEquals(48, second.publishedPositions());
      assertArrayEquals(expected, step(session, second, tokens, 48, 2));
      session.blocks().release(second);
      assertEquals(16, session.blocks().available());
    }
  }
}
