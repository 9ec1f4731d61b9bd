package io.lockstep.loadtest.graph;

import io.lockstep.loadtest.graph.Engine.Kind;

/**
 * How two engines take turns: a pair of turns after the other, one turn of each engine, and the
 * engine that was second begins the next pair.
 *
 * @param warmUpPairs that do not count
 * @param pairs that count, an even number, so that either engine is as often first
 * @param millis of a turn; a run that takes longer is a turn by itself
 */
record Turns(int warmUpPairs, int pairs, int millis) {

  /** Long beside a run's overheads, short beside what neighbours on a machine do. */
  private static final int MILLIS = 20;

  /** Fewer have no quartiles to speak of. */
  private static final int MIN_PAIRS = 6;

  private static final int MIN_WARM_UP_PAIRS = 2;

  /**
   * As many turns as fill a time.
   *
   * @param nanos of a run of each engine, roughly
   * @param seconds of the turns that count, both engines together; as long before them warms up
   */
  static Turns filling(double seconds, double... nanos) {
    double pairNanos = 0;
    for (double run : nanos) {
      pairNanos += Math.max(run, MILLIS * 1e6);
    }
    int half = (int) Math.min(Integer.MAX_VALUE / 4, Math.round(seconds * 1e9 / pairNanos / 2));
    int pairs = Math.max(MIN_PAIRS, 2 * half);
    return new Turns(Math.max(MIN_WARM_UP_PAIRS, 2 * half), pairs, MILLIS);
  }

  /** Whose turn it is, counted from 0. */
  static Kind engine(int turn) {
    boolean isFirstOfPair = turn % 2 == 0;
    boolean oursBegins = turn / 2 % 2 == 0;
    return isFirstOfPair == oursBegins ? Kind.LOCKSTEP : Kind.ONNX_RUNTIME;
  }
}
