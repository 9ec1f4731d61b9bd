package io.lockstep.loadtest.decode;

import io.lockstep.runtime.DecoderModel;
import io.lockstep.runtime.RuntimeOptions;
import io.lockstep.runtime.decoder.BlockAllocator;
import io.lockstep.runtime.decoder.BlockTable;
import io.lockstep.runtime.decoder.DecoderSession;
import io.lockstep.runtime.decoder.StepBatch;
import io.lockstep.runtime.kernel.ThreadedPool;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** The engine. */
final class LockstepContender implements Contender {

  private static final int CACHE_BLOCKS = 8192 / BlockAllocator.SIZE;

  /** Tokens of a prompt that go through the model at once. */
  private static final int CHUNK = 512;

  private final ThreadedPool pool;
  private final DecoderModel model;
  private final DecoderSession session;

  LockstepContender(Path file, int threads) {
    this.pool = new ThreadedPool(threads);
    this.model = DecoderModel.load(file, RuntimeOptions.defaults().withPool(pool));
    this.session = model.newSession(CACHE_BLOCKS);
  }

  @Override
  public double prefill(int tokens) {
    int[] prompt = new Random(1).ints(tokens, 3, model.config().vocabulary()).toArray();
    BlockTable table = grown(tokens);
    StepBatch batch = new StepBatch();
    final long start = System.nanoTime();
    for (int from = 0; from < tokens; from += CHUNK) {
      int count = Math.min(CHUNK, tokens - from);
      batch.clear();
      batch.add(prompt, from, count, from, table, from + count == tokens);
      session.forward(batch);
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    session.blocks().release(table);
    return tokens / seconds;
  }

  @Override
  public double decode(int streams, int tokens) {
    List<BlockTable> tables = new ArrayList<>();
    int[][] texts = new int[streams][tokens + 1];
    for (int stream = 0; stream < streams; stream++) {
      tables.add(grown(tokens + 1));
      texts[stream][0] = 1 + stream;
    }
    StepBatch batch = new StepBatch();
    long start = 0;
    for (int position = 0; position <= tokens; position++) {
      batch.clear();
      for (int stream = 0; stream < streams; stream++) {
        batch.add(texts[stream], position, 1, position, tables.get(stream), true);
      }
      MemorySegment logits = session.forward(batch);
      for (int stream = 0; stream < streams && position < tokens; stream++) {
        texts[stream][position + 1] = greatest(logits, stream);
      }
      if (position == 0) {
        start = System.nanoTime();
      }
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    tables.forEach(session.blocks()::release);
    return streams * tokens / seconds;
  }

  private BlockTable grown(int positions) {
    BlockTable table = session.blocks().match(new int[0]);
    if (!session.blocks().grow(table, positions)) {
      throw new IllegalArgumentException(positions + " positions exceed the cache");
    }
    return table;
  }

  private int greatest(MemorySegment logits, int row) {
    int vocabulary = model.config().vocabulary();
    int greatest = 0;
    float value = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < vocabulary; i++) {
      float logit = logits.getAtIndex(ValueLayout.JAVA_FLOAT, (long) row * vocabulary + i);
      if (logit > value) {
        value = logit;
        greatest = i;
      }
    }
    return greatest;
  }

  @Override
  public void close() {
    session.close();
    model.close();
    pool.close();
  }
}
