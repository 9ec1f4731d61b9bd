package io.lockstep.models.tabular;

import java.util.ArrayList;
import java.util.List;

/**
 * Gradient boosting for squared error: each tree learns what the trees before it got wrong.
 * Friedman, "Greedy Function Approximation: A Gradient Boosting Machine", 2001, algorithm 2.
 */
record GradientBoosting(int trees, int maxBins, TreeGrower.Limits limits) {

  TreeEnsemble train(Table table) {
    var grower = new TreeGrower(new Binning(table, maxBins), limits);
    float base = (float) table.meanTarget();
    double[] residuals = new double[table.rows()];
    for (int row = 0; row < residuals.length; row++) {
      residuals[row] = table.target(row) - base;
    }
    List<Tree> grown = new ArrayList<>();
    for (int i = 0; i < trees; i++) {
      Tree tree = grower.grow(residuals);
      grown.add(tree);
      for (int row = 0; row < residuals.length; row++) {
        residuals[row] -= tree.value(table.features(row, 1));
      }
    }
    return new TreeEnsemble(base, grown);
  }
}
