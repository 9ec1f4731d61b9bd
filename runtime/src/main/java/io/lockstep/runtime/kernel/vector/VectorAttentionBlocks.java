package io.lockstep.runtime.kernel.vector;

import static io.lockstep.runtime.kernel.vector.Lanes.BYTES;
import static io.lockstep.runtime.kernel.vector.Lanes.COUNT;
import static io.lockstep.runtime.kernel.vector.Lanes.FLOAT;
import static io.lockstep.runtime.kernel.vector.Lanes.all;
import static io.lockstep.runtime.kernel.vector.Lanes.load;
import static io.lockstep.runtime.kernel.vector.Lanes.spread;
import static io.lockstep.runtime.kernel.vector.Lanes.store;

import io.lockstep.runtime.kernel.Attention;
import io.lockstep.runtime.kernel.AttentionBlocks;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Attention to blocks with the lanes of a vector along its positions, then along a head's elements.
 * Four queries share each vector of keys where there are as many.
 */
final class VectorAttentionBlocks implements AttentionBlocks {

  private static final long KEY_BYTES = (long) Attention.BLOCK * Float.BYTES;

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
    for (int block = from; block < to; block++) {
      for (int slot = 0; slot < Attention.BLOCK; slot += COUNT) {
        long target = scores.at() + (long) (block - from) * Attention.BLOCK + slot;
        score(size, scale, queries, keys, blocks.at()[block] + slot, scores, target);
      }
    }
  }

  /** The scores of all queries in one vector of positions. */
  private static void score(
      int size,
      float scale,
      Rows queries,
      MemorySegment keys,
      long keysAt,
      Rows scores,
      long scoresAt) {
    final long queryBytes = queries.stride() * Float.BYTES;
    final long stride = scores.stride() * Float.BYTES;
    final long from = keysAt * Float.BYTES;
    final MemorySegment x = queries.memory();
    final MemorySegment y = scores.memory();
    long to = scoresAt * Float.BYTES;
    long at = queries.at() * Float.BYTES;
    int query = 0;
    for (; query <= queries.count() - 4; query += 4) {
      scoreFour(size, scale, x, at, queryBytes, keys, from, y, to, stride);
      at += 4 * queryBytes;
      to += 4 * stride;
    }
    for (; query < queries.count(); query++) {
      FloatVector sum = FloatVector.zero(Lanes.FLOATS);
      for (int i = 0; i < size; i++) {
        sum = spread(x, at + 4L * i).fma(load(keys, from + i * KEY_BYTES), sum);
      }
      store(sum.mul(scale), y, to);
      at += queryBytes;
      to += stride;
    }
  }

  private static void scoreFour(
      int size,
      float scale,
      MemorySegment queries,
      long at,
      long queryBytes,
      MemorySegment keys,
      long from,
      MemorySegment scores,
      long to,
      long stride) {
    FloatVector sum0 = FloatVector.zero(Lanes.FLOATS);
    FloatVector sum1 = sum0;
    FloatVector sum2 = sum0;
    FloatVector sum3 = sum0;
    for (int i = 0; i < size; i++) {
      FloatVector key = load(keys, from + i * KEY_BYTES);
      long element = at + 4L * i;
      sum0 = spread(queries, element).fma(key, sum0);
      sum1 = spread(queries, element + queryBytes).fma(key, sum1);
      sum2 = spread(queries, element + 2 * queryBytes).fma(key, sum2);
      sum3 = spread(queries, element + 3 * queryBytes).fma(key, sum3);
    }
    store(sum0.mul(scale), scores, to);
    store(sum1.mul(scale), scores, to + stride);
    store(sum2.mul(scale), scores, to + 2 * stride);
    store(sum3.mul(scale), scores, to + 3 * stride);
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
    for (int block = from; block < to; block++) {
      long valuesAt = blocks.at()[block] + (long) first * size;
      for (int query = 0; query < results.count(); query++) {
        long weightAt = weights.at(query) + (long) (block - from) * slots;
        mix(size, slots, weights, weightAt, values, valuesAt, results, results.at(query));
      }
    }
  }

  /** One query's mix of a block's values. */
  private static void mix(
      int size,
      int slots,
      Rows ofWeights,
      long weightsAt,
      MemorySegment values,
      long valuesAt,
      Rows ofResults,
      long resultsAt) {
    final MemorySegment weights = ofWeights.memory();
    final MemorySegment results = ofResults.memory();
    final long weightAt = weightsAt * Float.BYTES;
    final long to = resultsAt * Float.BYTES;
    final long from = valuesAt * Float.BYTES;
    final long valueBytes = (long) size * Float.BYTES;
    final int whole = size - size % COUNT;
    int i = 0;
    for (; i <= whole - 4 * COUNT; i += 4 * COUNT) {
      long at = 4L * i;
      mixFour(slots, weights, weightAt, values, from + at, valueBytes, results, to + at);
    }
    for (; i < whole; i += COUNT) {
      long at = 4L * i;
      FloatVector sum = load(results, to + at);
      for (int slot = 0; slot < slots; slot++) {
        FloatVector weight = spread(weights, weightAt + 4L * slot);
        sum = weight.fma(load(values, from + at + slot * valueBytes), sum);
      }
      store(sum, results, to + at);
    }
    if (whole < size) {
      mixRest(slots, weights, weightAt, values, from, size, results, to);
    }
  }

  private static void mixFour(
      int slots,
      MemorySegment weights,
      long weightAt,
      MemorySegment values,
      long from,
      long valueBytes,
      MemorySegment results,
      long to) {
    FloatVector sum0 = load(results, to);
    FloatVector sum1 = load(results, to + BYTES);
    FloatVector sum2 = load(results, to + 2 * BYTES);
    FloatVector sum3 = load(results, to + 3 * BYTES);
    for (int slot = 0; slot < slots; slot++) {
      FloatVector weight = spread(weights, weightAt + 4L * slot);
      long at = from + slot * valueBytes;
      sum0 = weight.fma(load(values, at), sum0);
      sum1 = weight.fma(load(values, at + BYTES), sum1);
      sum2 = weight.fma(load(values, at + 2 * BYTES), sum2);
      sum3 = weight.fma(load(values, at + 3 * BYTES), sum3);
    }
    store(sum0, results, to);
    store(sum1, results, to + BYTES);
    store(sum2, results, to + 2 * BYTES);
    store(sum3, results, to + 3 * BYTES);
  }

  /** The elements of a head behind its whole vectors. */
  private static void mixRest(
      int slots,
      MemorySegment weights,
      long weightAt,
      MemorySegment values,
      long from,
      int size,
      MemorySegment results,
      long to) {
    int first = size - size % COUNT;
    VectorMask<Float> mask = Lanes.tail(first, size);
    FloatVector sum = load(results, to + 4L * first, mask);
    for (int slot = 0; slot < slots; slot++) {
      FloatVector weight = all(weights.get(FLOAT, weightAt + 4L * slot));
      sum = weight.fma(load(values, from + 4L * (first + (long) slot * size), mask), sum);
    }
    store(sum, results, to + 4L * first, mask);
  }
}
