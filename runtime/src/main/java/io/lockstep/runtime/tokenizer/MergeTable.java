package io.lockstep.runtime.tokenizer;

import io.lockstep.runtime.error.InvalidModelException;
import java.util.Arrays;

/** Merges learnt as a list of pairs, the earlier ones first: a hash table by both ids. */
final class MergeTable implements PairMerges {

  /*
   * Open addressing with linear probing at a load of at most one half; key = left id << 32 | right
   * id. The multiplier is 2^64 divided by the golden ratio (Knuth, The Art of Computer Programming,
   * volume 3, section 6.4).
   */
  private static final long EMPTY = -1;
  private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;

  private final long[] keys; // [slots]
  private final long[] merges; // [slots], packed
  private int added;

  MergeTable(int expected) {
    int slots = Integer.highestOneBit(Math.max(expected, 8)) << 2;
    keys = new long[slots];
    merges = new long[slots];
    Arrays.fill(keys, EMPTY);
  }

  /** Adds the next merge; a pair that is there already keeps its earlier rank. */
  void add(int left, int right, int merged) {
    long key = (long) left << 32 | right;
    int slot = slot(key);
    if (keys[slot] == EMPTY) {
      keys[slot] = key;
      merges[slot] = PairMerges.of(added, merged);
    }
    added++;
  }

  /**
   * Adds the next merge by the tokens' spellings.
   *
   * @param prefix begins every token inside a word, and is left out where it comes to stand inside
   */
  void add(Vocabulary vocabulary, String left, String right, String prefix) {
    String inner = right.startsWith(prefix) ? right.substring(prefix.length()) : right;
    add(id(vocabulary, left), id(vocabulary, right), id(vocabulary, left + inner));
  }

  /** Adds the next merge, both tokens separated by one space. */
  void addSpaced(Vocabulary vocabulary, String merge, String prefix) {
    int space = merge.indexOf(' ', 1);
    String left = space < 0 ? merge : merge.substring(0, space);
    add(vocabulary, left, space < 0 ? "" : merge.substring(space + 1), prefix);
  }

  private static int id(Vocabulary vocabulary, String token) {
    return vocabulary
        .idOf(token)
        .orElseThrow(() ->
            new InvalidModelException("the tokenizer merges '" + token + "', which is no token"));
  }

  @Override
  public long merged(String text, int from, int to, int left, int right) {
    if (left == TokenTrie.NONE || right == TokenTrie.NONE) {
      return NONE;
    }
    int slot = slot((long) left << 32 | right);
    return keys[slot] == EMPTY ? NONE : merges[slot];
  }

  /** Where {@code key} is or would be. */
  private int slot(long key) {
    int mask = keys.length - 1;
    int slot = (int) ((key * MULTIPLIER) >>> 32) & mask;
    while (keys[slot] != EMPTY && keys[slot] != key) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }
}
