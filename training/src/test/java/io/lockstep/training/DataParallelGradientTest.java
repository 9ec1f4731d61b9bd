package io.lockstep.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lockstep.runtime.KernelBackends;
import io.lockstep.runtime.RuntimeOptions.KernelChoice;
import io.lockstep.training.network.DecoderShape;
import io.lockstep.training.network.Floats;
import io.lockstep.training.network.InitialWeights;
import io.lockstep.training.network.ParameterLayout;
import io.lockstep.training.text.Documents;
import io.lockstep.training.vocabulary.Samples;
import io.lockstep.training.vocabulary.StoryVocabulary;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;

class DataParallelGradientTest {

  private static final DecoderShape SHAPE = new DecoderShape(400, 32, 1, 2, 1, 16, 64, 96);
  private static final StoryVocabulary VOCABULARY =
      StoryVocabulary.learn(new Documents(1), 100, SHAPE.vocabulary());

  private double loss;

  private float[] gradient(int shards, int sequences, int threads)
      throws InterruptedException, ExecutionException {
    ParameterLayout layout = new ParameterLayout(SHAPE);
    MemorySegment weights = InitialWeights.draw(SHAPE, layout, 5);
    MemorySegment sum = Floats.zeros(layout.count());
    Samples samples = new Samples(new Documents(2), VOCABULARY.tokenizer());
    var kernels = KernelBackends.select(KernelChoice.AUTO).kernels();
    try (var parallel = new DataParallelGradient(SHAPE, kernels, shards, sequences, threads)) {
      parallel.next(samples, weights, sum);
      loss = parallel.next(samples, weights, sum);
    }
    return sum.toArray(ValueLayout.JAVA_FLOAT);
  }

  @Test
  void anyNumberOfThreadsGivesTheSameBits() throws InterruptedException, ExecutionException {
    assertArrayEquals(gradient(4, 2, 1), gradient(4, 2, 3));
  }

  @Test
  void shardsAddUpToTheBatch() throws InterruptedException, ExecutionException {
    float[] whole = gradient(1, 4, 1);
    double wholeLoss = loss;
    float[] inShards = gradient(4, 1, 2);
    assertEquals(wholeLoss, loss, 1e-5);
    assertArrayEquals(whole, inShards, 1e-6f);
  }
}
