package io.lockstep.runtime.tokenizer;

import io.lockstep.runtime.pattern.Characters;
import java.util.Arrays;

/** The tokens of one text while they are found: ids with offsets, cut to length at the end. */
final class TokenBuffer {

  private int[] ids = new int[32]; // [capacity]
  private int[] starts = new int[32]; // [capacity]
  private int[] stops = new int[32]; // [capacity]
  private int first;
  private int end;

  /** Appends a token whose source is code units {@code start} to {@code stop} of the text. */
  void add(int id, int start, int stop) {
    if (end == ids.length) {
      int capacity = ids.length * 2;
      ids = Arrays.copyOf(ids, capacity);
      starts = Arrays.copyOf(starts, capacity);
      stops = Arrays.copyOf(stops, capacity);
    }
    ids[end] = id;
    starts[end] = start;
    stops[end] = stop;
    end++;
  }

  int length() {
    return end - first;
  }

  int id(int token) {
    return ids[first + token];
  }

  int start(int token) {
    return starts[first + token];
  }

  int stop(int token) {
    return stops[first + token];
  }

  /** Leaves white space of {@code text} at both ends of tokens to nobody. */
  void trim(String text) {
    for (int token = first; token < end; token++) {
      while (starts[token] < stops[token] && Characters.isWhiteSpace(text.charAt(starts[token]))) {
        starts[token]++;
      }
      while (starts[token] < stops[token]
          && Characters.isWhiteSpace(text.charAt(stops[token] - 1))) {
        stops[token]--;
      }
    }
  }

  /** Forgets the tokens beyond {@code mark}, a length seen before. */
  void rewind(int mark) {
    end = first + mark;
  }

  /** Keeps at most {@code tokens}, giving up those at {@code side}; says whether any were lost. */
  boolean keep(int tokens, Truncation.Side side) {
    if (length() <= tokens) {
      return false;
    }
    switch (side) {
      case RIGHT -> end = first + tokens;
      case LEFT -> first = end - tokens;
    }
    return true;
  }
}
