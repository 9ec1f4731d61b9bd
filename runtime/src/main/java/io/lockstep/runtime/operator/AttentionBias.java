package io.lockstep.runtime.operator;

import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * What is added to the scores of attention before their softmax: a mask, and minus infinity where a
 * query must not look.
 */
final class AttentionBias {

  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  private final long[] strides; // of the mask along [batch, heads, query], in elements
  private final int maskKeys; // how many keys the mask covers; others are out of sight
  private final boolean causal;
  private final int past; // keys before the first query, or -1 when each item tells its own
  private final int queries;
  private final int keys;

  /**
   * @param mask a shape that broadcasts to [batch, heads, query, key], or null for none; its last
   *     axis may be shorter
   * @param past keys before the first query, or -1 when the number of valid keys tells
   */
  AttentionBias(
      @Nullable Shape mask, int batch, int heads, int queries, int keys, boolean causal, int past) {
    this.causal = causal;
    this.past = past;
    this.queries = queries;
    this.keys = keys;
    if (mask == null) {
      strides = new long[3];
      maskKeys = keys;
      return;
    }
    boolean repeats = mask.extent(-1) == 1 && keys > 1;
    maskKeys = repeats ? keys : mask.extent(-1);
    strides = BroadcastLoops.strides(Shape.of(batch, heads, queries, mask.extent(-1)), mask);
  }

  /**
   * Whether the bias is the same for all queries of a head, one float for each key, so that the
   * product of queries and keys can add it.
   */
  boolean isOfColumns(DType dtype, Shape mask) {
    return dtype == DType.FLOAT32
        && !causal
        && strides[2] == 0
        && mask.extent(-1) == keys
        && maskKeys == keys;
  }

  /** Where the mask of one head's first query starts, in elements. */
  long offset(int item, int head) {
    return item * strides[0] + head * strides[1];
  }

  /**
   * Adds to the scores of some queries of one head.
   *
   * @param mask BOOL, where true lets a query look, or floats; null for none
   * @param valid how many keys of the item are valid, or -1 for all
   * @param scores float [to - from, keys]
   */
  void add(
      @Nullable Tensor mask,
      int valid,
      int item,
      int head,
      int from,
      int to,
      MemorySegment scores) {
    int end = valid < 0 ? keys : Math.min(valid, keys);
    for (int query = from; query < to; query++) {
      long row = (long) (query - from) * keys;
      int visible = end;
      if (causal) {
        int before = past >= 0 ? past : valid - queries;
        visible = Math.clamp(before + query + 1L, 0, end);
      }
      if (mask != null) {
        long at = offset(item, head) + query * strides[2];
        visible = Math.min(visible, maskKeys);
        addMask(mask, at, visible, scores, row);
      }
      for (int key = visible; key < keys; key++) {
        scores.set(FLOAT, (row + key) * Float.BYTES, Float.NEGATIVE_INFINITY);
      }
    }
  }

  private static void addMask(Tensor mask, long at, int count, MemorySegment scores, long row) {
    int step = mask.shape().extent(-1) == 1 ? 0 : 1;
    for (int key = 0; key < count; key++) {
      long score = (row + key) * Float.BYTES;
      long index = at + (long) key * step;
      if (mask.dtype() != DType.BOOL) {
        float bias =
            mask.dtype() == DType.FLOAT32 ? mask.getFloat(index) : (float) mask.asDouble(index);
        scores.set(FLOAT, score, scores.get(FLOAT, score) + bias);
      } else if (!mask.getBoolean(index)) {
        scores.set(FLOAT, score, Float.NEGATIVE_INFINITY);
      }
    }
  }
}
