package io.lockstep.runtime.tokenizer;

import java.util.Arrays;

/** The merging of one word: a linked list of symbols and a heap of the merges that are possible. */
final class PairMerger {

  /*
   * A heap entry is rank << 32 | symbol. It is stale when the symbol is gone or its merge with its
   * present right neighbour has another rank; stale entries are dropped as they surface. Each merge
   * adds at most two entries, hence n symbols take O(n log n).
   */
  private static final int GONE = -2;

  private final PairMerges merges;
  private final String text;
  private final int[] ids; // [symbols], NONE for a character that is no token, GONE when merged
  private final int[] starts; // [symbols], code unit
  private final int[] next; // [symbols], the number of symbols behind the last
  private final int[] previous; // [symbols], -1 before the first
  private final long[] pending; // [symbols], merge with the right neighbour or NONE
  private final int count;
  private final int to;
  private long[] heap; // [capacity]
  private int heapSize;

  PairMerger(Symbols symbols, PairMerges merges, String text, int from, int to) {
    this.merges = merges;
    this.text = text;
    this.to = to;
    count = text.codePointCount(from, to);
    ids = new int[count];
    starts = new int[count];
    next = new int[count];
    previous = new int[count];
    pending = new long[count];
    heap = new long[count + 2];
    int at = from;
    for (int symbol = 0; symbol < count; symbol++) {
      int stop = Math.min(at + Character.charCount(text.codePointAt(at)), to);
      ids[symbol] = symbols.idAt(text, at, stop, at == from, stop == to);
      starts[symbol] = at;
      next[symbol] = symbol + 1;
      previous[symbol] = symbol - 1;
      at = stop;
    }
  }

  void run() {
    for (int symbol = 0; symbol < count; symbol++) {
      offer(symbol);
    }
    while (heapSize > 0) {
      long entry = poll();
      int symbol = (int) entry;
      if (ids[symbol] != GONE && pending[symbol] >>> 32 == entry >>> 32) {
        merge(symbol);
      }
    }
  }

  /** Number of symbols before merging, and the end of the list of those that are left. */
  int count() {
    return count;
  }

  int next(int symbol) {
    return next[symbol];
  }

  /** Id of a symbol; {@link TokenTrie#NONE} when it is no token. */
  int id(int symbol) {
    return ids[symbol];
  }

  int start(int symbol) {
    return starts[symbol];
  }

  int stop(int symbol) {
    return next[symbol] == count ? to : starts[next[symbol]];
  }

  private void merge(int symbol) {
    int right = next[symbol];
    ids[symbol] = (int) pending[symbol];
    ids[right] = GONE;
    next[symbol] = next[right];
    if (next[symbol] < count) {
      previous[next[symbol]] = symbol;
    }
    offer(symbol);
    if (previous[symbol] >= 0) {
      offer(previous[symbol]);
    }
  }

  /** Looks up the merge of a symbol with its right neighbour. */
  private void offer(int symbol) {
    int right = next[symbol];
    pending[symbol] =
        right == count
            ? PairMerges.NONE
            : merges.merged(text, starts[symbol], stop(right), ids[symbol], ids[right]);
    if (pending[symbol] != PairMerges.NONE) {
      push((pending[symbol] >>> 32 << 32) | symbol);
    }
  }

  private void push(long entry) {
    if (heapSize == heap.length) {
      heap = Arrays.copyOf(heap, heapSize * 2);
    }
    int at = heapSize++;
    while (at > 0 && heap[(at - 1) >>> 1] > entry) {
      heap[at] = heap[(at - 1) >>> 1];
      at = (at - 1) >>> 1;
    }
    heap[at] = entry;
  }

  private long poll() {
    long least = heap[0];
    long last = heap[--heapSize];
    int at = 0;
    int child;
    while ((child = 2 * at + 1) < heapSize) {
      if (child + 1 < heapSize && heap[child + 1] < heap[child]) {
        child++;
      }
      if (heap[child] >= last) {
        break;
      }
      heap[at] = heap[child];
      at = child;
    }
    heap[at] = last;
    return least;
  }
}
