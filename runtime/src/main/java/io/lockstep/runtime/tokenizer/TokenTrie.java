package io.lockstep.runtime.tokenizer;

import io.lockstep.runtime.error.InvalidModelException;
import java.util.Arrays;

/**
 * The spellings of a vocabulary as a prefix tree over UTF-16 code units, so that the longest token
 * at a place in the text is found in one walk.
 */
final class TokenTrie {

  static final int ROOT = 0;
  static final int NONE = -1;

  /**
   * Most nodes a vocabulary may need; the largest WordPiece vocabularies in use (half a million
   * tokens of 109 languages) stay below half of it.
   */
  private static final int MAX_NODES = 1 << 22;

  /*
   * Edges live in one open-addressing table: key = parent node << 16 | code unit, value = child.
   * Linear probing at a load of at most one half. An empty slot holds EMPTY, which is no key since
   * nodes are not negative. The 64-bit multiplier is 2^64 divided by the golden ratio (Knuth, The
   * Art of Computer Programming, volume 3, section 6.4, Fibonacci hashing).
   */
  private static final long EMPTY = -1;
  private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;

  private long[] keys = new long[1 << 10]; // [slots]
  private int[] children = new int[1 << 10]; // [slots]
  private int[] tokens = new int[1 << 8]; // [node capacity], id of the token that ends here or NONE
  private int[] depths = new int[1 << 8]; // [node capacity], code units from the root
  private int nodes = 1;

  TokenTrie() {
    Arrays.fill(keys, EMPTY);
    tokens[ROOT] = NONE;
  }

  /** Adds a spelling; a second id for the same spelling replaces the first. */
  void add(String spelling, int id) {
    int node = ROOT;
    for (int i = 0; i < spelling.length(); i++) {
      node = childOrNew(node, spelling.charAt(i));
    }
    tokens[node] = id;
  }

  /** The node that {@code text} leads to from {@code node}, or {@link #NONE}. */
  int walk(int node, String text) {
    for (int i = 0; i < text.length() && node != NONE; i++) {
      node = child(node, text.charAt(i));
    }
    return node;
  }

  /** Id of the token that code units {@code from} to {@code to} spell, or {@link #NONE}. */
  int idAt(String text, int from, int to) {
    int node = ROOT;
    for (int i = from; i < to && node != NONE; i++) {
      node = child(node, text.charAt(i));
    }
    return token(node);
  }

  /** Id of the token that ends at {@code node}, or {@link #NONE}. */
  int token(int node) {
    return node == NONE ? NONE : tokens[node];
  }

  /** Code units between the root and {@code node}. */
  int depth(int node) {
    return depths[node];
  }

  /**
   * The node of the longest token that starts at {@code from} and ends at or before {@code to},
   * walking from {@code node}; {@link #NONE} when there is none.
   */
  int longest(CharSequence text, int from, int to, int node) {
    int longest = NONE;
    for (int i = from; i < to; i++) {
      node = child(node, text.charAt(i));
      if (node == NONE) {
        break;
      }
      if (tokens[node] != NONE) {
        longest = node;
      }
    }
    return longest;
  }

  /** The node that {@code unit} leads to from {@code node}, or {@link #NONE}. */
  int child(int node, char unit) {
    long key = ((long) node << 16) | unit;
    int mask = keys.length - 1;
    for (int slot = slot(key, mask); keys[slot] != EMPTY; slot = (slot + 1) & mask) {
      if (keys[slot] == key) {
        return children[slot];
      }
    }
    return NONE;
  }

  private int childOrNew(int node, char unit) {
    int existing = child(node, unit);
    if (existing != NONE) {
      return existing;
    }
    if (nodes == MAX_NODES) {
      throw new InvalidModelException(
          "tokenizer vocabulary has more than " + MAX_NODES + " distinct prefixes");
    }
    if (nodes * 2 >= keys.length) {
      growEdges();
    }
    if (nodes == tokens.length) {
      tokens = Arrays.copyOf(tokens, nodes * 2);
      depths = Arrays.copyOf(depths, nodes * 2);
    }
    int created = nodes++;
    tokens[created] = NONE;
    depths[created] = depths[node] + 1;
    insert(((long) node << 16) | unit, created);
    return created;
  }

  private void growEdges() {
    long[] oldKeys = keys;
    int[] oldChildren = children;
    keys = new long[oldKeys.length * 2];
    children = new int[oldKeys.length * 2];
    Arrays.fill(keys, EMPTY);
    for (int slot = 0; slot < oldKeys.length; slot++) {
      if (oldKeys[slot] != EMPTY) {
        insert(oldKeys[slot], oldChildren[slot]);
      }
    }
  }

  private void insert(long key, int child) {
    int mask = keys.length - 1;
    int slot = slot(key, mask);
    while (keys[slot] != EMPTY) {
      slot = (slot + 1) & mask;
    }
    keys[slot] = key;
    children[slot] = child;
  }

  private static int slot(long key, int mask) {
    return (int) ((key * MULTIPLIER) >>> 32) & mask;
  }
}
