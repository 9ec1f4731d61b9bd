package io.lockstep.runtime.tokenizer;

import java.util.Arrays;

/** A range of a text as matches of something and the gaps between them, in order. */
final class Segments {

  private int[] stops = new int[16]; // [capacity], exclusive
  private boolean[] matches = new boolean[16]; // [capacity]
  private int count;
  private int from;

  /** Begins a range at {@code from}. */
  void begin(int from) {
    this.from = from;
    count = 0;
  }

  /** Adds a match at or behind the last one. */
  void match(int start, int stop) {
    gap(start);
    add(stop, true);
  }

  /** Adds what is left up to {@code to}, where the range ends. */
  void gap(int to) {
    if (to > end()) {
      add(to, false);
    }
  }

  int count() {
    return count;
  }

  int start(int segment) {
    return segment == 0 ? from : stops[segment - 1];
  }

  int stop(int segment) {
    return stops[segment];
  }

  boolean isMatch(int segment) {
    return matches[segment];
  }

  private int end() {
    return count == 0 ? from : stops[count - 1];
  }

  private void add(int stop, boolean isMatch) {
    if (count == stops.length) {
      stops = Arrays.copyOf(stops, count * 2);
      matches = Arrays.copyOf(matches, count * 2);
    }
    stops[count] = stop;
    matches[count++] = isMatch;
  }
}
