package io.lockstep.loadtest.graph;

import io.lockstep.loadtest.graph.Engine.Kind;
import java.util.ArrayList;
import java.util.List;

/**
 * What a case's turns came to.
 *
 * @param ours nanoseconds of a run in the engine, the median of its turns
 * @param theirs nanoseconds of a run in ONNX Runtime, the median of its turns
 * @param ratio of the turns of each pair, theirs by ours: above 1 this engine is faster
 */
record TurnTimes(double ours, double theirs, Spread ratio) {

  /** The median of values, and what a quarter of them is below and above. */
  record Spread(double lowerQuartile, double median, double upperQuartile) {

    /** Of any number of values but none. */
    static Spread of(List<Double> values) {
      List<Double> sorted = values.stream().sorted().toList();
      return new Spread(quantile(sorted, 0.25), quantile(sorted, 0.5), quantile(sorted, 0.75));
    }

    /** Between neighbours a line is drawn. */
    private static double quantile(List<Double> sorted, double part) {
      double position = part * (sorted.size() - 1);
      int below = (int) position;
      int above = Math.min(below + 1, sorted.size() - 1);
      return sorted.get(below) + (position - below) * (sorted.get(above) - sorted.get(below));
    }
  }

  /**
   * Sorts turns by engine and pair.
   *
   * @param nanos of a run in each turn, in the order that {@link Turns#engine} gives; whole pairs
   */
  static TurnTimes of(List<Double> nanos) {
    List<Double> ours = new ArrayList<>();
    List<Double> theirs = new ArrayList<>();
    for (int turn = 0; turn < nanos.size(); turn++) {
      (Turns.engine(turn) == Kind.LOCKSTEP ? ours : theirs).add(nanos.get(turn));
    }
    List<Double> ratios = new ArrayList<>();
    for (int pair = 0; pair < ours.size(); pair++) {
      ratios.add(theirs.get(pair) / ours.get(pair));
    }
    return new TurnTimes(Spread.of(ours).median(), Spread.of(theirs).median(), Spread.of(ratios));
  }
}
