package io.lockstep.models.tabular;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Grows one regression tree from the root down: each node takes the split that lowers the squared
 * error of its rows most.
 *
 * <p>Not safe for use by several threads: the histograms are reused from node to node.
 */
final class TreeGrower {
  /*
   * The squared error of n rows around their mean is sum(t^2) - sum(t)^2 / n. The first term is the
   * same before and after a split, so the gain of a split is
   * sumBelow^2 / nBelow + sumAbove^2 / nAbove - sum^2 / n, and sums and counts per bin suffice.
   */

  /** Limits of a tree's growth, and the factor its leaves are multiplied with. */
  record Limits(int maxDepth, int minRowsInLeaf, double shrinkage) {}

  /** Rows whose bin in a column is at most {@code bin} go below. */
  private record Split(int column, int bin, double gain) {}

  private final Binning binning;
  private final Limits limits;
  private final double[] sums; // [bins], targets of a node's rows by bin of one column
  private final int[] counts; // [bins]

  TreeGrower(Binning binning, Limits limits) {
    this.binning = binning;
    this.limits = limits;
    int widest = 0;
    for (int column = 0; column < binning.columns(); column++) {
      widest = Math.max(widest, binning.count(column));
    }
    this.sums = new double[widest];
    this.counts = new int[widest];
  }

  /**
   * Grows a tree.
   *
   * @param targets what the tree should tell, [rows]
   */
  Tree grow(double[] targets) {
    int[] rows = new int[binning.rows()];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = i;
    }
    return grow(rows, targets, limits.maxDepth());
  }

  private Tree grow(int[] rows, double[] targets, int depthLeft) {
    Split split = depthLeft == 0 ? null : bestSplit(rows, targets);
    if (split == null) {
      return new Tree.Leaf((float) (limits.shrinkage() * sum(rows, targets) / rows.length));
    }
    return new Tree.Branch(
        split.column(),
        binning.threshold(split.column(), split.bin()),
        grow(side(rows, split, true), targets, depthLeft - 1),
        grow(side(rows, split, false), targets, depthLeft - 1));
  }

  /** The split of greatest gain, the first of equals; null when no split gains anything. */
  private @Nullable Split bestSplit(int[] rows, double[] targets) {
    Split best = null;
    for (int column = 0; column < binning.columns(); column++) {
      Split split = bestSplit(column, rows, targets);
      if (split != null && (best == null || split.gain() > best.gain())) {
        best = split;
      }
    }
    return best;
  }

  private @Nullable Split bestSplit(int column, int[] rows, double[] targets) {
    int bins = binning.count(column);
    fillHistogram(column, rows, targets);
    double sum = 0;
    for (int bin = 0; bin < bins; bin++) {
      sum += sums[bin];
    }
    double parent = sum * sum / rows.length;
    Split best = null;
    double sumBelow = 0;
    int rowsBelow = 0;
    for (int bin = 0; bin < bins - 1; bin++) {
      sumBelow += sums[bin];
      rowsBelow += counts[bin];
      int rowsAbove = rows.length - rowsBelow;
      if (Math.min(rowsBelow, rowsAbove) < limits.minRowsInLeaf()) {
        continue;
      }
      double sumAbove = sum - sumBelow;
      double gain = sumBelow * sumBelow / rowsBelow + sumAbove * sumAbove / rowsAbove - parent;
      if (gain > (best == null ? 1e-9 : best.gain())) {
        best = new Split(column, bin, gain);
      }
    }
    return best;
  }

  private void fillHistogram(int column, int[] rows, double[] targets) {
    Arrays.fill(sums, 0);
    Arrays.fill(counts, 0);
    for (int row : rows) {
      int bin = binning.bin(row, column);
      sums[bin] += targets[row];
      counts[bin]++;
    }
  }

  private int[] side(int[] rows, Split split, boolean below) {
    return Arrays.stream(rows)
        .filter(row -> binning.bin(row, split.column()) <= split.bin() == below)
        .toArray();
  }

  private static double sum(int[] rows, double[] targets) {
    double sum = 0;
    for (int row : rows) {
      sum += targets[row];
    }
    return sum;
  }
}
