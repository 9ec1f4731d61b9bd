package io.lockstep.models.tabular;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

final class TreeGrowerTest {
  private static final TreeGrower.Limits ONE_SPLIT = new TreeGrower.Limits(1, 1, 1);

  @Test
  void splitsWhereTheTargetsJump() {
    // The first column is noise; the second parts 1, 1, 1 from 9, 9 between 3 and 5.
    float[] features = {7, 5, 1, 1, 9, 3, 2, 6, 5, 2};
    double[] targets = {9, 1, 1, 9, 1};
    Tree tree = grow(features, targets, ONE_SPLIT);
    assertEquals(new Tree.Branch(1, 4, new Tree.Leaf(1), new Tree.Leaf(9)), tree);
  }

  @Test
  void leavesHoldTheShrunkenMeanOfTheirRows() {
    Tree tree =
        grow(new float[] {1, 1, 2}, new double[] {2, 4, 10}, new TreeGrower.Limits(1, 1, 0.5));
    assertEquals(new Tree.Branch(0, 1.5f, new Tree.Leaf(1.5f), new Tree.Leaf(5)), tree);
  }

  @Test
  void doesNotSplitWhatIsAlreadyOfOneValue() {
    assertEquals(new Tree.Leaf(3), grow(new float[] {1, 2, 3}, new double[] {3, 3, 3}, ONE_SPLIT));
  }

  @Test
  void keepsEnoughRowsInALeaf() {
    // The best split would leave the 100 alone.
    Tree tree =
        grow(new float[] {1, 2, 3, 4}, new double[] {0, 0, 0, 100}, new TreeGrower.Limits(3, 2, 1));
    assertEquals(new Tree.Branch(0, 2.5f, new Tree.Leaf(0), new Tree.Leaf(50)), tree);
  }

  @Test
  void aRowAtTheThresholdGoesBelow() {
    Tree tree = new Tree.Branch(0, 4, new Tree.Leaf(1), new Tree.Leaf(2));
    assertEquals(1, tree.value(new float[] {4}));
    assertEquals(2, tree.value(new float[] {Math.nextUp(4f)}));
  }

  private static Tree grow(float[] features, double[] targets, TreeGrower.Limits limits) {
    return new TreeGrower(new Binning(new Table(features, targets), 64), limits).grow(targets);
  }
}
