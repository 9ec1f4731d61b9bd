package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.Attention;
import io.lockstep.runtime.kernel.AttentionBlocks;
import io.lockstep.runtime.kernel.PerThread;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;

/** Attention to blocks as emitted code, for heads of whole vectors. */
final class JitAttentionBlocks implements AttentionBlocks {

  private static final int FIRST_ENTRIES = 256;

  /** Numbers of blocks or vectors that kernels exist for: 1, 2 and 4. */
  private static final int WIDTHS = 3;

  /** The table of addresses of each thread; it only grows. */
  private static final PerThread<MemorySegment> TABLE =
      PerThread.withInitial(() -> allocate(FIRST_ENTRIES));

  private final Isa isa;

  /** By queries and width, generated when they are first needed. */
  private final AtomicReferenceArray<NativeKernel> scores;

  private final AtomicReferenceArray<NativeKernel> mixes;

  JitAttentionBlocks(Isa isa) {
    this.isa = isa;
    int kernels = AttentionGenerator.mostQueries(isa) * WIDTHS;
    this.scores = new AtomicReferenceArray<>(kernels);
    this.mixes = new AtomicReferenceArray<>(kernels);
  }

  private static MemorySegment allocate(int entries) {
    return Arena.ofAuto().allocate((long) entries * Long.BYTES, Long.BYTES);
  }

  private static NativeKernel kernel(
      AtomicReferenceArray<NativeKernel> kernels,
      int queries,
      int width,
      Supplier<NativeKernel> generate) {
    int index = (queries - 1) * WIDTHS + Integer.numberOfTrailingZeros(width);
    NativeKernel kernel = kernels.get(index);
    if (kernel == null) {
      kernel = generate.get();
      kernels.set(index, kernel);
    }
    return kernel;
  }

  /** The addresses of blocks, and of those behind them, or of the last one, to be fetched. */
  private static MemorySegment table(
      MemorySegment memory, Blocks blocks, int size, int from, int to) {
    int entries = to - from + AttentionGenerator.AHEAD;
    if (TABLE.get().byteSize() < (long) entries * Long.BYTES) {
      TABLE.set(allocate(2 * entries));
    }
    MemorySegment table = TABLE.get();
    long bytes = (long) size * Attention.BLOCK * Float.BYTES;
    for (int i = 0; i < entries; i++) {
      long at = blocks.at()[Math.min(from + i, blocks.count() - 1)] * Float.BYTES;
      table.setAtIndex(ValueLayout.JAVA_LONG, i, Addresses.of(memory, at, bytes));
    }
    return table;
  }

  private static long address(Rows rows, long columns) {
    return Addresses.ofRows(
        rows.memory(), rows.at(), rows.count(), rows.stride(), columns, Float.BYTES);
  }

  @Override
  public void score(
      int size,
      float scale,
      Rows queries,
      MemorySegment keys,
      Blocks blocks,
      int from,
      int to,
      Rows scores) {
    final long table = table(keys, blocks, size, from, to).address();
    final long x = address(queries, size);
    final long y = address(scores, (long) (to - from) * Attention.BLOCK);
    long stride = scores.stride() * Float.BYTES;
    Parameters parameters = Parameters.ofThread();
    parameters.set(AttentionGenerator.QUERIES_STRIDE, queries.stride() * Float.BYTES);
    parameters.set(AttentionGenerator.SCORES_STRIDE, stride);
    parameters.set(AttentionGenerator.SCALE, scale, 0);
    parameters.set(AttentionGenerator.KEY_BYTES, (long) size * Attention.BLOCK * Float.BYTES);
    int most = AttentionGenerator.mostQueries(isa);
    for (int query = 0; query < queries.count(); query += most) {
      int count = Math.min(most, queries.count() - query);
      int width = AttentionGenerator.blocksAtATime(isa, count);
      int whole = (to - from) / width * width;
      long first = x + query * queries.stride() * Float.BYTES;
      parameters.set(AttentionGenerator.QUERIES, first);
      parameters.set(AttentionGenerator.SCORES, y + query * stride);
      score(count, width, table, whole, parameters);
      score(count, 1, table + (long) whole * Long.BYTES, to - from - whole, parameters);
    }
  }

  /** Scores of some blocks; the slot of scores goes on to the next. */
  private void score(int queries, int width, long table, int blocks, Parameters parameters) {
    if (blocks == 0) {
      return;
    }
    parameters.set(AttentionGenerator.TABLE, table);
    parameters.set(AttentionGenerator.TABLE_END, table + (long) blocks * Long.BYTES);
    kernel(scores, queries, width, () -> AttentionGenerator.score(isa, queries, width))
        .call(parameters);
  }

  @Override
  public void mix(
      int size,
      int first,
      int slots,
      Rows weights,
      MemorySegment values,
      Blocks blocks,
      int from,
      int to,
      Rows results) {
    final long table = table(values, blocks, size, from, to).address();
    final long x = address(weights, (long) (to - from) * slots);
    final long y = address(results, size);
    long stride = results.stride() * Float.BYTES;
    long bytes = (long) size * Float.BYTES;
    Parameters parameters = Parameters.ofThread();
    parameters.set(AttentionGenerator.TABLE, table);
    parameters.set(AttentionGenerator.TABLE_END, table + (long) (to - from) * Long.BYTES);
    parameters.set(AttentionGenerator.QUERIES_STRIDE, stride);
    parameters.set(AttentionGenerator.SCORES_STRIDE, weights.stride() * Float.BYTES);
    parameters.set(AttentionGenerator.VALUE_BYTES, bytes);
    parameters.set(AttentionGenerator.POSITIONS, slots);
    int most = AttentionGenerator.mostQueries(isa);
    for (int query = 0; query < results.count(); query += most) {
      int count = Math.min(most, results.count() - query);
      parameters.set(AttentionGenerator.SCORES, x + query * weights.stride() * Float.BYTES);
      int vectors = size / isa.lanes();
      int mostVectors = AttentionGenerator.vectorsAtATime(isa, count);
      for (int vector = 0; vector < vectors; ) {
        int width = Math.min(mostVectors, Integer.highestOneBit(vectors - vector));
        long column = (long) vector * isa.vectorBytes();
        parameters.set(AttentionGenerator.QUERIES, y + query * stride + column);
        parameters.set(AttentionGenerator.FIRST, first * bytes + column);
        kernel(mixes, count, width, () -> AttentionGenerator.mix(isa, count, width))
            .call(parameters);
        vector += width;
      }
    }
  }
}
