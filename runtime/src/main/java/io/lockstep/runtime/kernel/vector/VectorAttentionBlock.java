package io.lockstep.runtime.kernel.vector;

import static io.lockstep.runtime.kernel.vector.Lanes.BYTES;
import static io.lockstep.runtime.kernel.vector.Lanes.COUNT;
import static io.lockstep.runtime.kernel.vector.Lanes.FLOAT;
import static io.lockstep.runtime.kernel.vector.Lanes.all;
import static io.lockstep.runtime.kernel.vector.Lanes.load;
import static io.lockstep.runtime.kernel.vector.Lanes.spread;
import static io.lockstep.runtime.kernel.vector.Lanes.store;

import io.lockstep.runtime.kernel.Attention;
import io.lockstep.runtime.kernel.AttentionBlock;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Attention to a block with the lanes of a vector along its positions, then along a head's
 * elements. Four queries share each vector of keys where there are as many.
 */
final class VectorAttentionBlock implements AttentionBlock {

  private static final long KEY_BYTES = (long) Attention.BLOCK * Float.BYTES;

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
    long stride = scoresStride * Float.BYTES;
    for (int slot = 0; slot < Attention.BLOCK; slot += COUNT) {
      long from = (keysAt + slot) * Float.BYTES;
      long to = (scoresAt + slot) * Float.BYTES;
      long at = queriesAt * Float.BYTES;
      int query = 0;
      for (; query <= count - 4; query += 4) {
        scoreFour(size, scale, queries, at, keys, from, scores, to, stride);
        at += 4 * queryBytes;
        to += 4 * stride;
      }
      for (; query < count; query++) {
        FloatVector sum = FloatVector.zero(Lanes.FLOATS);
        for (int i = 0; i < size; i++) {
          sum = spread(queries, at + 4L * i).fma(load(keys, from + i * KEY_BYTES), sum);
        }
        store(sum.mul(scale), scores, to);
        at += queryBytes;
        to += stride;
      }
    }
  }

  private static void scoreFour(
      int size,
      float scale,
      MemorySegment queries,
      long at,
      MemorySegment keys,
      long from,
      MemorySegment scores,
      long to,
      long stride) {
    long queryBytes = (long) size * Float.BYTES;
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
    long valueBytes = (long) size * Float.BYTES;
    int whole = size - size % COUNT;
    for (int query = 0; query < count; query++) {
      long weightAt = (weightsAt + query * weightsStride) * Float.BYTES;
      long to = (resultsAt + (long) query * size) * Float.BYTES;
      long from = valuesAt * Float.BYTES;
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
