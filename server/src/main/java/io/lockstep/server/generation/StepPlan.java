package io.lockstep.server.generation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What a step computes: pieces of sequences. Reused step after step. */
final class StepPlan {

  private final List<Sequence> sequences = new ArrayList<>(); // [pieces]
  private int[] counts = new int[16]; // [pieces], tokens of each
  private int tokens;

  void clear() {
    sequences.clear();
    tokens = 0;
  }

  /** Adds the next {@code count} tokens of a sequence that are not computed yet. */
  void add(Sequence sequence, int count) {
    if (sequences.size() == counts.length) {
      counts = Arrays.copyOf(counts, 2 * counts.length);
    }
    counts[sequences.size()] = count;
    sequences.add(sequence);
    tokens += count;
  }

  int pieces() {
    return sequences.size();
  }

  Sequence sequence(int piece) {
    return sequences.get(piece);
  }

  int count(int piece) {
    return counts[piece];
  }

  /** Of all pieces. */
  int tokens() {
    return tokens;
  }
}
