package io.lockstep.runtime.operator;

import io.lockstep.runtime.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * Gathers what the trees of a forest say of one row, in scratch memory: a score for each target.
 */
final class TreeVotes {

  /** How the votes for a target become a score. */
  enum Aggregate {
    AVERAGE,
    SUM,
    MIN,
    MAX;

    /** By the number that TreeEnsemble 5 gives each. */
    static final List<Aggregate> CODES = List.of(values());
  }

  private final TreeForest forest;
  private final Aggregate aggregate;
  private final int targets;

  TreeVotes(TreeForest forest, Aggregate aggregate, int targets) {
    this.forest = forest;
    this.aggregate = aggregate;
    this.targets = targets;
  }

  /** Scores, then how many votes each got: doubles [2, targets]. */
  long scratchBytes() {
    return 2L * targets * Double.BYTES;
  }

  double score(MemorySegment scratch, int target) {
    return scratch.getAtIndex(ValueLayout.JAVA_DOUBLE, target);
  }

  boolean hasVotes(MemorySegment scratch, int target) {
    return scratch.getAtIndex(ValueLayout.JAVA_DOUBLE, targets + target) > 0;
  }

  /** Scores the row of x that begins at element {@code row}. */
  void gather(Tensor x, long row, MemorySegment scratch) {
    scratch.asSlice(0, scratchBytes()).fill((byte) 0);
    for (int tree = 0; tree < forest.trees(); tree++) {
      int leaf = forest.leaf(tree, x, row);
      for (int vote = forest.firstVote(leaf); vote < forest.endVote(leaf); vote++) {
        add(scratch, forest.voteTarget(vote), forest.voteWeight(vote));
      }
    }
    if (aggregate == Aggregate.AVERAGE) {
      for (int target = 0; target < targets; target++) {
        double mean = score(scratch, target) / forest.trees();
        scratch.setAtIndex(ValueLayout.JAVA_DOUBLE, target, mean);
      }
    }
  }

  private void add(MemorySegment scratch, int target, double weight) {
    boolean first = !hasVotes(scratch, target);
    double score = score(scratch, target);
    double next =
        switch (aggregate) {
          case SUM, AVERAGE -> score + weight;
          case MIN -> first ? weight : Math.min(score, weight);
          case MAX -> first ? weight : Math.max(score, weight);
        };
    scratch.setAtIndex(ValueLayout.JAVA_DOUBLE, target, next);
    scratch.setAtIndex(ValueLayout.JAVA_DOUBLE, targets + target, 1);
  }
}
