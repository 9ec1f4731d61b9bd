package io.lockstep.runtime.decoder;

import static io.lockstep.runtime.decoder.BlockAllocator.SIZE;

import io.lockstep.runtime.kernel.ComputePool;
import io.lockstep.runtime.kernel.Reduce;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Causal attention over a paged cache. A score is summed over the head's elements in ascending
 * order, a result over positions in ascending order, so that both depend on nothing but the token's
 * own sequence and position: not on chunks, on the batch or on threads.
 */
final class Attention {

  private final DecoderConfig config;
  private final Reduce reduce;
  private final KvCache cache;

  /** float [positions of the longest sequence so far] of each thread. */
  private final ThreadLocal<MemorySegment> scores = ThreadLocal.withInitial(() -> allocate(1024));

  Attention(DecoderConfig config, Reduce reduce, KvCache cache) {
    this.config = config;
    this.reduce = reduce;
    this.cache = cache;
  }

  /**
   * Attends from every row to its sequence up to itself, whose keys and values the cache holds.
   *
   * @param queries float [rows, heads, headSize]
   * @param results float [rows, heads, headSize]
   */
  void attend(
      StepBatch batch, int layer, MemorySegment queries, MemorySegment results, ComputePool pool) {
    int heads = config.heads();
    pool.parallelFor(
        batch.rows() * heads,
        heads,
        (from, to) -> {
          float[] scratch = new float[Math.max(SIZE, config.headSize())];
          for (int unit = from; unit < to; unit++) {
            long at = (long) unit * config.headSize();
            int kvHead = unit % heads / (heads / config.kvHeads());
            int row = unit / heads;
            int length = batch.position(row) + 1;
            MemorySegment weights = scores(length);
            score(batch, row, layer, kvHead, queries, at, weights, scratch);
            Reduce.Extent extent = new Reduce.Extent(1, length, 1);
            reduce.softmax(extent, weights, 0, weights, 0);
            mix(batch, row, layer, kvHead, weights, results, at, scratch);
          }
        });
  }

  private MemorySegment scores(int positions) {
    long rounded = (long) BlockAllocator.blocksFor(positions) * SIZE;
    if (scores.get().byteSize() < rounded * Float.BYTES) {
      scores.set(allocate(2 * rounded));
    }
    return scores.get();
  }

  private static MemorySegment allocate(long floats) {
    return Arena.ofAuto().allocate(floats * Float.BYTES, 64);
  }

  /** scores[p] = query . keys[p] / sqrt(headSize), whole blocks at a time. */
  private void score(
      StepBatch batch,
      int row,
      int layer,
      int kvHead,
      MemorySegment queries,
      long queryAt,
      MemorySegment scores,
      float[] sums) {
    float scale = (float) (1 / Math.sqrt(config.headSize()));
    BlockTable table = batch.table(row);
    int used = BlockAllocator.blocksFor(batch.position(row) + 1);
    for (int index = 0; index < used; index++) {
      long keysAt = cache.offset(layer, table.block(index), kvHead);
      scoreBlock(queries, queryAt, keysAt, sums);
      for (int slot = 0; slot < SIZE; slot++) {
        long to = (long) index * SIZE + slot;
        scores.setAtIndex(ValueLayout.JAVA_FLOAT, to, sums[slot] * scale);
      }
    }
  }

  private void scoreBlock(MemorySegment queries, long queryAt, long keysAt, float[] sums) {
    MemorySegment keys = cache.keys();
    for (int slot = 0; slot < SIZE; slot++) {
      sums[slot] = 0;
    }
    for (int i = 0; i < config.headSize(); i++) {
      float query = queries.getAtIndex(ValueLayout.JAVA_FLOAT, queryAt + i);
      long at = keysAt + (long) i * SIZE;
      for (int slot = 0; slot < SIZE; slot++) {
        sums[slot] += query * keys.getAtIndex(ValueLayout.JAVA_FLOAT, at + slot);
      }
    }
  }

  /** result = sum over p of weights[p] values[p]. */
  private void mix(
      StepBatch batch,
      int row,
      int layer,
      int kvHead,
      MemorySegment weights,
      MemorySegment results,
      long resultAt,
      float[] sums) {
    int size = config.headSize();
    MemorySegment values = cache.values();
    BlockTable table = batch.table(row);
    for (int i = 0; i < size; i++) {
      sums[i] = 0;
    }
    for (int position = 0; position <= batch.position(row); position++) {
      float weight = weights.getAtIndex(ValueLayout.JAVA_FLOAT, position);
      long at =
          cache.offset(layer, table.block(position / SIZE), kvHead)
              + (long) (position % SIZE) * size;
      for (int i = 0; i < size; i++) {
        sums[i] += weight * values.getAtIndex(ValueLayout.JAVA_FLOAT, at + i);
      }
    }
    MemorySegment.copy(sums, 0, results, ValueLayout.JAVA_FLOAT, resultAt * Float.BYTES, size);
  }
}
