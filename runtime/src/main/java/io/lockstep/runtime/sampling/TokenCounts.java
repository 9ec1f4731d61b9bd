package io.lockstep.runtime.sampling;

import io.lockstep.runtime.sampling.SamplingSettings.Penalties;
import java.util.Arrays;

/** Which tokens occurred in a sequence, and how often; kept only when a penalty asks for it. */
final class TokenCounts {

  private static final int FREE = -1;

  private final Penalties penalties;
  private final boolean isNeeded;

  // A hash table with open addressing; boxed keys would be garbage for every token.
  private int[] ids = new int[64]; // [capacity], FREE where there is none
  private int[] generated = new int[64]; // [capacity], 0 for tokens of the prompt alone
  private int size;

  TokenCounts(Penalties penalties) {
    this.penalties = penalties;
    this.isNeeded = !penalties.equals(Penalties.NONE);
    Arrays.fill(ids, FREE);
  }

  void prompt(int id) {
    if (isNeeded) {
      slot(id);
    }
  }

  void generated(int id) {
    if (isNeeded) {
      int at = slot(id); // may replace both arrays
      generated[at]++;
    }
  }

  /** Lowers the scores, float [vocabulary], of tokens that occurred. */
  void apply(float[] scores) {
    if (!isNeeded) {
      return;
    }
    for (int i = 0; i < ids.length; i++) {
      int id = ids[i];
      if (id == FREE || id >= scores.length) {
        continue;
      }
      double score = scores[id];
      score = score > 0 ? score / penalties.repetition() : score * penalties.repetition();
      if (generated[i] > 0) {
        score -= penalties.frequency() * generated[i] + penalties.presence();
      }
      scores[id] = (float) score;
    }
  }

  /** Where {@code id} stands, after it was entered if need be. */
  private int slot(int id) {
    int at = find(id);
    if (ids[at] == FREE) {
      if (2 * (size + 1) > ids.length) {
        grow();
        at = find(id);
      }
      ids[at] = id;
      size++;
    }
    return at;
  }

  private int find(int id) {
    int mask = ids.length - 1;
    int at = ((id * 0x9E3779B9) >>> 7) & mask;
    while (ids[at] != FREE && ids[at] != id) {
      at = (at + 1) & mask;
    }
    return at;
  }

  private void grow() {
    int[] oldIds = ids;
    int[] oldGenerated = generated;
    ids = new int[2 * oldIds.length];
    generated = new int[ids.length];
    Arrays.fill(ids, FREE);
    for (int i = 0; i < oldIds.length; i++) {
      if (oldIds[i] != FREE) {
        int at = find(oldIds[i]);
        ids[at] = oldIds[i];
        generated[at] = oldGenerated[i];
      }
    }
  }
}
