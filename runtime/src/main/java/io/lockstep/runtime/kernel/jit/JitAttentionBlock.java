package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.Attention;
import io.lockstep.runtime.kernel.AttentionBlock;
import java.lang.foreign.MemorySegment;

/** Attention to a block as emitted code (AVX-512). */
final class JitAttentionBlock implements AttentionBlock {

  private static final int LANES = Isa.AVX512.lanes();
  private static final int WIDE = 4 * LANES;

  private final NativeKernel[] scores = new NativeKernel[AttentionGenerator.MOST_QUERIES + 1];
  private final NativeKernel mix = AttentionGenerator.mix();

  JitAttentionBlock() {
    for (int queries = 1; queries < scores.length; queries++) {
      scores[queries] = AttentionGenerator.score(queries);
    }
  }

  @Override
  public void score(
      int count,
      int size,
      float scale,
      MemorySegment queries,
      long queriesAt,
      MemorySegment keys,
      long keysAt,
      long nextAt,
      MemorySegment scores,
      long scoresAt,
      long scoresStride) {
    long queryBytes = (long) size * Float.BYTES;
    long query = Addresses.of(queries, queriesAt * Float.BYTES, count * queryBytes);
    long to = Addresses.ofRows(scores, scoresAt, count, scoresStride, Attention.BLOCK, Float.BYTES);
    Parameters parameters = Parameters.ofThread();
    parameters.set(
        AttentionGenerator.BLOCK,
        Addresses.of(keys, keysAt * Float.BYTES, queryBytes * Attention.BLOCK));
    parameters.set(AttentionGenerator.AHEAD, (nextAt - keysAt) * Float.BYTES);
    parameters.set(AttentionGenerator.QUERY_BYTES, queryBytes);
    parameters.set(AttentionGenerator.SCORES_STRIDE, scoresStride * Float.BYTES);
    parameters.set(AttentionGenerator.SCALE, scale, 0);
    for (int done = 0; done < count; done += AttentionGenerator.MOST_QUERIES) {
      int now = Math.min(AttentionGenerator.MOST_QUERIES, count - done);
      int unrolled = AttentionGenerator.unrolled(now);
      parameters.set(AttentionGenerator.QUERIES, query + done * queryBytes);
      parameters.set(AttentionGenerator.SCORES, to + done * scoresStride * Float.BYTES);
      parameters.set(AttentionGenerator.LONG_TURNS, size / unrolled);
      parameters.set(AttentionGenerator.SHORT_TURNS, size % unrolled);
      this.scores[now].call(parameters);
    }
  }

  @Override
  public void mix(
      int count,
      int size,
      int slots,
      MemorySegment weights,
      long weightsAt,
      long weightsStride,
      MemorySegment values,
      long valuesAt,
      long nextAt,
      MemorySegment results,
      long resultsAt) {
    long bytes = (long) size * Float.BYTES;
    Parameters parameters = Parameters.ofThread();
    parameters.set(
        AttentionGenerator.QUERIES, Addresses.of(results, resultsAt * Float.BYTES, count * bytes));
    parameters.set(AttentionGenerator.QUERY_BYTES, bytes);
    parameters.set(
        AttentionGenerator.BLOCK, Addresses.of(values, valuesAt * Float.BYTES, slots * bytes));
    parameters.set(
        AttentionGenerator.SCORES,
        Addresses.ofRows(weights, weightsAt, count, weightsStride, slots, Float.BYTES));
    parameters.set(AttentionGenerator.SCORES_STRIDE, weightsStride * Float.BYTES);
    parameters.set(AttentionGenerator.AHEAD, (nextAt - valuesAt) * Float.BYTES);
    parameters.set(AttentionGenerator.LONG_TURNS, size / WIDE);
    parameters.set(AttentionGenerator.SHORT_TURNS, size % WIDE / LANES);
    parameters.set(AttentionGenerator.MASK, (1L << size % LANES) - 1);
    parameters.set(AttentionGenerator.POSITIONS, slots);
    parameters.set(AttentionGenerator.COUNT, count);
    mix.call(parameters);
  }
}
