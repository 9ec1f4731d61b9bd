package io.lockstep.training.file;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lockstep.runtime.DecoderModel;
import io.lockstep.runtime.KernelBackends;
import io.lockstep.runtime.RuntimeOptions;
import io.lockstep.runtime.RuntimeOptions.KernelChoice;
import io.lockstep.runtime.decoder.BlockTable;
import io.lockstep.runtime.decoder.DecoderSession;
import io.lockstep.runtime.decoder.StepBatch;
import io.lockstep.training.network.DecoderPass;
import io.lockstep.training.network.DecoderShape;
import io.lockstep.training.network.Floats;
import io.lockstep.training.network.ParameterLayout;
import io.lockstep.training.text.Documents;
import io.lockstep.training.vocabulary.StoryVocabulary;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The engine's decoder, reading the file, computes what was trained. */
class StoryTellerFileTest {

  private static final DecoderShape SHAPE = new DecoderShape(512, 64, 3, 4, 2, 32, 96, 40);

  @TempDir private Path folder;

  /** Weights that Q8_0 keeps to the bit: whole multiples, up to 127, of a power of two. */
  private static MemorySegment weights(ParameterLayout layout) {
    Random random = new Random(9);
    MemorySegment weights = Floats.zeros(layout.count());
    for (ParameterLayout.Slice slice : layout.slices()) {
      for (long i = 0; i < slice.count(); i++) {
        int multiple = i % 32 == 0 ? 127 : random.nextInt(255) - 127;
        float value = slice.isMatrix() ? multiple / 1024f : 1 + multiple / 1024f;
        Floats.set(weights, slice.offset() + i, value);
      }
    }
    return weights;
  }

  @Test
  void theEngineGivesTheLogitsOfTheTrainedDecoder() throws IOException {
    MemorySegment weights = weights(new ParameterLayout(SHAPE));
    var vocabulary = StoryVocabulary.learn(new Documents(1), 100, SHAPE.vocabulary());
    Path file = folder.resolve("model.gguf");
    Files.write(file, StoryTellerFile.bytes(SHAPE, vocabulary, weights));
    int[] tokens = new Random(4).ints(SHAPE.context(), 0, SHAPE.vocabulary()).toArray();
    var kernels = KernelBackends.select(KernelChoice.SCALAR).kernels();
    float[] expected =
        new DecoderPass(SHAPE, kernels, 1, SHAPE.context())
            .logits(weights, tokens)
            .toArray(ValueLayout.JAVA_FLOAT);
    RuntimeOptions options = RuntimeOptions.defaults().withKernels(KernelChoice.SCALAR);
    try (DecoderModel model = DecoderModel.load(file, options);
        DecoderSession session = model.newSession(8)) {
      BlockTable table = session.blocks().match(new int[0]);
      session.blocks().grow(table, tokens.length);
      for (int i = 0; i < tokens.length; i++) {
        StepBatch batch = new StepBatch();
        batch.add(tokens, i, 1, i, table, true);
        float[] actual = session.forward(batch).toArray(ValueLayout.JAVA_FLOAT);
        for (int id = 0; id < actual.length; id++) {
          float value = expected[i * SHAPE.vocabulary() + id];
          assertEquals(value, actual[id], 1e-3f, "position " + i + ", token " + id);
        }
      }
    }
  }
}
