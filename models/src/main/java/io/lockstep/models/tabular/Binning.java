package io.lockstep.models.tabular;

import java.util.Arrays;

/**
 * Sorts each feature's values into a few bins of about equal population, so that the search for a
 * split looks at bins and not at rows. Bin b of a column holds the values above threshold b - 1 and
 * up to and including threshold b.
 */
final class Binning {
  private final float[][] thresholds; // [columns][bins of the column - 1], ascending
  private final byte[][] bins; // [columns][rows]

  /**
   * Bins a table.
   *
   * @param maxBins at most 128
   */
  Binning(Table table, int maxBins) {
    if (maxBins < 2 || maxBins > 128) {
      throw new IllegalArgumentException("Binning: bins must be 2 to 128 but are " + maxBins);
    }
    this.thresholds = new float[table.columns()][];
    this.bins = new byte[table.columns()][table.rows()];
    for (int column = 0; column < table.columns(); column++) {
      float[] values = new float[table.rows()];
      for (int row = 0; row < values.length; row++) {
        values[row] = table.feature(row, column);
      }
      thresholds[column] = thresholds(values, maxBins);
      for (int row = 0; row < values.length; row++) {
        int found = Arrays.binarySearch(thresholds[column], values[row]);
        bins[column][row] = (byte) (found >= 0 ? found : -found - 1);
      }
    }
  }

  int rows() {
    return bins[0].length;
  }

  int columns() {
    return bins.length;
  }

  /** The number of bins of a column. */
  int count(int column) {
    return thresholds[column].length + 1;
  }

  int bin(int row, int column) {
    return bins[column][row];
  }

  /** The largest value that still belongs to a bin; the last bin has none. */
  float threshold(int column, int bin) {
    return thresholds[column][bin];
  }

  /** Midpoints between neighbouring distinct values, near the quantiles. */
  private static float[] thresholds(float[] values, int maxBins) {
    float[] sorted = values.clone();
    Arrays.sort(sorted);
    float[] chosen = new float[maxBins - 1];
    int count = 0;
    int next = 1;
    for (int i = 1; i < sorted.length && next < maxBins; i++) {
      boolean reachesQuantile = (long) i * maxBins >= (long) next * sorted.length;
      if (reachesQuantile && sorted[i - 1] < sorted[i]) {
        chosen[count++] = (sorted[i - 1] + sorted[i]) / 2;
        while ((long) i * maxBins >= (long) next * sorted.length) {
          next++;
        }
      }
    }
    return Arrays.copyOf(chosen, count);
  }
}
