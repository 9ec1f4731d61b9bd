package io.lockstep.models.tabular;

import java.util.Arrays;

/** Rows of numeric features, each with the target that a model should tell from them. */
final class Table {
  private final float[] features; // [rows, columns]
  private final double[] targets; // [rows]
  private final int columns;

  Table(float[] features, double[] targets) {
    if (targets.length == 0 || features.length % targets.length != 0) {
      throw new IllegalArgumentException(
          "Table: " + features.length + " features do not fill " + targets.length + " rows");
    }
    this.features = features;
    this.targets = targets;
    this.columns = features.length / targets.length;
  }

  int rows() {
    return targets.length;
  }

  int columns() {
    return columns;
  }

  float feature(int row, int column) {
    return features[row * columns + column];
  }

  double target(int row) {
    return targets[row];
  }

  /** The features of some rows as one block, [rows, columns]. */
  float[] features(int firstRow, int rows) {
    return Arrays.copyOfRange(features, firstRow * columns, (firstRow + rows) * columns);
  }

  double meanTarget() {
    double sum = 0;
    for (double target : targets) {
      sum += target;
    }
    return sum / targets.length;
  }
}
