package io.lockstep.models.tabular;

import java.util.List;

/**
 * Trees whose values add up.
 *
 * @param base what is added to the trees' sum
 */
record TreeEnsemble(float base, List<Tree> trees) {
  TreeEnsemble {
    trees = List.copyOf(trees);
  }

  /** The prediction for one row of features; added up in double precision. */
  double predict(float[] row) {
    double sum = base;
    for (Tree tree : trees) {
      sum += tree.value(row);
    }
    return sum;
  }

  /** The root of the mean squared error over a table. */
  double rootMeanSquaredError(Table table) {
    double sum = 0;
    for (int row = 0; row < table.rows(); row++) {
      double error = predict(table.features(row, 1)) - table.target(row);
      sum += error * error;
    }
    return Math.sqrt(sum / table.rows());
  }
}
