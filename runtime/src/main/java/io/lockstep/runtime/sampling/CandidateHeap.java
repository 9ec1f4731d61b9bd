package io.lockstep.runtime.sampling;

/**
 * Orders candidates by descending key, equal ones by ascending id, no further than is asked for:
 * what has been taken stands at the end of the array, the last one taken first.
 */
final class CandidateHeap {

  private final int[] ids; // [size], a heap in the first `left` of them
  private final double[] keys; // by id
  private int left;

  /** Takes the first {@code size} of {@code ids} as candidates, and reorders them. */
  CandidateHeap(int[] ids, int size, double[] keys) {
    this.ids = ids;
    this.keys = keys;
    this.left = size;
    for (int i = size / 2 - 1; i >= 0; i--) {
      sink(i);
    }
  }

  /** The best candidate left; there is one. */
  int peek() {
    return ids[0];
  }

  /** Takes the best candidate away. */
  void take() {
    int best = ids[0];
    ids[0] = ids[--left];
    ids[left] = best;
    sink(0);
  }

  int left() {
    return left;
  }

  private void sink(int from) {
    int at = from;
    int id = ids[at];
    while (true) {
      int child = 2 * at + 1;
      if (child >= left) {
        break;
      }
      if (child + 1 < left && isBefore(ids[child + 1], ids[child])) {
        child++;
      }
      if (!isBefore(ids[child], id)) {
        break;
      }
      ids[at] = ids[child];
      at = child;
    }
    if (at < left) {
      ids[at] = id;
    }
  }

  private boolean isBefore(int a, int b) {
    return keys[a] > keys[b] || (keys[a] == keys[b] && a < b);
  }
}
