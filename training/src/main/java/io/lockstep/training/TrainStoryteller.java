package io.lockstep.training;

import io.lockstep.runtime.KernelBackends;
import io.lockstep.runtime.KernelBackends.Selection;
import io.lockstep.runtime.RuntimeOptions.KernelChoice;
import io.lockstep.training.file.StoryTellerFile;
import io.lockstep.training.network.DecoderShape;
import io.lockstep.training.network.Floats;
import io.lockstep.training.network.InitialWeights;
import io.lockstep.training.network.ParameterLayout;
import io.lockstep.training.optimizer.AdamW;
import io.lockstep.training.optimizer.Schedule;
import io.lockstep.training.text.Documents;
import io.lockstep.training.vocabulary.Samples;
import io.lockstep.training.vocabulary.StoryVocabulary;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.ExecutionException;

/**
 * Trains the story teller and writes it: {@code TrainStoryteller FILE [THREADS [UPDATES [RATE]]]}.
 * The file is written anew every hundred updates, so that a run that is stopped leaves something.
 */
public final class TrainStoryteller {

  static final DecoderShape SHAPE = new DecoderShape(2048, 192, 6, 6, 2, 32, 512, 512);

  private static final long SEED = 20;
  private static final int VOCABULARY_DOCUMENTS = 10_000;
  private static final int SHARDS = 4;
  private static final int SEQUENCES_OF_A_SHARD = 2;
  private static final int UPDATES = 2000;
  private static final int WARM_UP = 100;
  private static final float PEAK_RATE = 4e-3f;
  private static final double MAX_GRADIENT_NORM = 1;
  private static final int UPDATES_OF_A_LINE = 20;
  private static final int UPDATES_OF_A_FILE = 100;

  private TrainStoryteller() {}

  /** Trains; see the class. */
  public static void main(String[] arguments)
      throws IOException, InterruptedException, ExecutionException {
    Path file = Path.of(arguments[0]);
    int threads = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 1;
    int updates = arguments.length > 2 ? Integer.parseInt(arguments[2]) : UPDATES;
    float rate = arguments.length > 3 ? Float.parseFloat(arguments[3]) : PEAK_RATE;
    train(file, threads, new Schedule(rate, updates, WARM_UP), System.out);
  }

  private static void train(Path file, int threads, Schedule schedule, PrintStream log)
      throws IOException, InterruptedException, ExecutionException {
    Selection backend = KernelBackends.select(KernelChoice.AUTO);
    ParameterLayout layout = new ParameterLayout(SHAPE);
    log.printf("%,d parameters, %s%n", layout.count(), backend.reason());
    StoryVocabulary vocabulary =
        StoryVocabulary.learn(new Documents(SEED), VOCABULARY_DOCUMENTS, SHAPE.vocabulary());
    Samples samples = new Samples(new Documents(SEED + 1), vocabulary.tokenizer());
    MemorySegment weights = InitialWeights.draw(SHAPE, layout, SEED);
    MemorySegment gradient = Floats.zeros(layout.count());
    AdamW optimizer = new AdamW(layout);
    long start = System.nanoTime();
    double losses = 0;
    try (var parallel =
        new DataParallelGradient(SHAPE, backend.kernels(), SHARDS, SEQUENCES_OF_A_SHARD, threads)) {
      for (int update = 0; update < schedule.updates(); update++) {
        losses += parallel.next(samples, weights, gradient);
        double norm = Floats.norm(gradient);
        float scale = (float) Math.min(1, MAX_GRADIENT_NORM / norm);
        optimizer.step(weights, gradient, scale, schedule.rate(update));
        int done = update + 1;
        if (done % UPDATES_OF_A_LINE == 0) {
          double seconds = (System.nanoTime() - start) * 1e-9;
          log.printf(
              "update %d loss %.4f gradient %.3f seconds %.0f%n",
              done, losses / UPDATES_OF_A_LINE, norm, seconds);
          losses = 0;
        }
        if (done % UPDATES_OF_A_FILE == 0 || done == schedule.updates()) {
          replace(file, StoryTellerFile.bytes(SHAPE, vocabulary, weights));
        }
      }
    }
  }

  private static void replace(Path file, byte[] content) throws IOException {
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    Files.write(fresh, content);
    Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING);
  }
}
