package io.lockstep.models.tabular;

/** A binary regression tree. */
sealed interface Tree {

  /** The tree's value for one row of features. */
  float value(float[] row);

  /** An end of the tree. */
  record Leaf(float value) implements Tree {
    @Override
    public float value(float[] row) {
      return value;
    }
  }

  /**
   * A question with two answers.
   *
   * @param column the feature that is asked for
   * @param below where a row goes whose feature is at most the threshold
   * @param above where every other row goes
   */
  record Branch(int column, float threshold, Tree below, Tree above) implements Tree {
    @Override
    public float value(float[] row) {
      return (row[column] <= threshold ? below : above).value(row);
    }
  }
}
