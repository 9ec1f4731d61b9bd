package io.lockstep.runtime.grammar;

import java.util.Arrays;
import java.util.BitSet;

/**
 * Tokens as a tree of their bytes, its nodes in the order of a walk: the children of a node follow
 * it, and what follows them is known, so that a walk is a loop over arrays.
 */
final class TokenTree {

  private final byte[] values; // [nodes], the byte that leads to a node
  private final short[] depths; // [nodes], bytes before that one
  private final int[] behind; // [nodes], the first node outside of the node's tree
  private final int[] firstIds; // [nodes + 1], where the ids of the tokens that end here begin
  private final int[] ids; // [tokens]
  private final int deepest;

  /**
   * Makes a tree.
   *
   * @param sorted ids in the order of their bytes, of which each has 1 to 32,767
   * @param bytes of each id
   */
  TokenTree(int[] sorted, byte[][] bytes) {
    int nodes = 0;
    int longest = 0;
    for (int i = 0; i < sorted.length; i++) {
      nodes += bytes[sorted[i]].length - shared(sorted, bytes, i);
      longest = Math.max(longest, bytes[sorted[i]].length);
    }
    ids = sorted.clone();
    values = new byte[nodes];
    depths = new short[nodes];
    behind = new int[nodes];
    firstIds = new int[nodes + 1];
    deepest = longest;
    int[] path = new int[longest]; // nodes above, by depth
    int next = 0;
    for (int i = 0; i < sorted.length; i++) {
      byte[] token = bytes[sorted[i]];
      for (int depth = shared(sorted, bytes, i); depth < token.length; depth++) {
        values[next] = token[depth];
        depths[next] = (short) depth;
        firstIds[next] = i;
        path[depth] = next++;
      }
      firstIds[next] = i + 1;
    }
    Arrays.fill(path, nodes);
    for (int node = nodes - 1; node >= 0; node--) {
      int depth = depths[node];
      behind[node] = path[depth];
      // A node ends the trees of those before it that are as deep or deeper.
      Arrays.fill(path, depth, longest, node);
    }
  }

  private static int shared(int[] sorted, byte[][] bytes, int index) {
    if (index == 0) {
      return 0;
    }
    byte[] token = bytes[sorted[index]];
    int mismatch = Arrays.mismatch(bytes[sorted[index - 1]], token);
    return mismatch < 0 ? token.length : mismatch;
  }

  /** Adds the tokens that may follow a position. */
  void addAllowed(Position position, BitSet allowed) {
    Position[] path = new Position[deepest + 1]; // before each byte
    path[0] = position;
    int node = 0;
    while (node < values.length) {
      int depth = depths[node];
      Position after = path[depth].after(values[node] & 0xFF);
      if (after == null) {
        node = behind[node];
        continue;
      }
      path[depth + 1] = after;
      for (int i = firstIds[node]; i < firstIds[node + 1]; i++) {
        allowed.set(ids[i]);
      }
      node++;
    }
  }
}
