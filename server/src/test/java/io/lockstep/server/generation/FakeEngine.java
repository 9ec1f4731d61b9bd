package io.lockstep.server.generation;

import io.lockstep.runtime.decoder.BlockAllocator;
import io.lockstep.runtime.decoder.BlockTable;
import io.lockstep.runtime.decoder.StepBatch;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * A decoder whose logits are a hash of all tokens that its cache holds of a sequence, so that any
 * mix-up of sequences, positions or blocks shows in the text.
 */
final class FakeEngine implements StepEngine {

  private final int vocabulary;
  private final BlockAllocator blocks;
  private final int[] cache; // [blocks * SIZE], tokens
  private int steps;
  private int largestStep;
  private boolean failing;

  FakeEngine(int vocabulary, int capacity) {
    this.vocabulary = vocabulary;
    this.blocks = new BlockAllocator(capacity);
    this.cache = new int[capacity * BlockAllocator.SIZE];
    Arrays.fill(cache, -1);
  }

  @Override
  public int vocabulary() {
    return vocabulary;
  }

  @Override
  public BlockAllocator blocks() {
    return blocks;
  }

  @Override
  public MemorySegment forward(StepBatch batch) {
    if (failing) {
      failing = false;
      throw new IllegalStateException("a planned failure");
    }
    steps++;
    largestStep = Math.max(largestStep, batch.rows());
    for (int row = 0; row < batch.rows(); row++) {
      cache[slot(batch.table(row), batch.position(row))] = batch.token(row);
    }
    float[] logits = new float[batch.wantedRows() * vocabulary];
    for (int i = 0; i < batch.wantedRows(); i++) {
      int row = batch.wantedRow(i);
      long hash = 17;
      for (int position = 0; position <= batch.position(row); position++) {
        hash = hash * 0x9E3779B97F4A7C15L + cache[slot(batch.table(row), position)] + 1;
        hash ^= hash >>> 29;
      }
      for (int id = 0; id < vocabulary; id++) {
        long mixed = (hash + id) * 0xBF58476D1CE4E5B9L;
        mixed ^= mixed >>> 32;
        logits[i * vocabulary + id] = (mixed & 0xFFFF) / 8192f;
      }
    }
    return MemorySegment.ofArray(logits);
  }

  private static int slot(BlockTable table, int position) {
    return table.block(position / BlockAllocator.SIZE) * BlockAllocator.SIZE
        + position % BlockAllocator.SIZE;
  }

  /** The next step fails. */
  void failOnce() {
    failing = true;
  }

  int steps() {
    return steps;
  }

  /** Rows of the largest step so far. */
  int largestStep() {
    return largestStep;
  }
}
