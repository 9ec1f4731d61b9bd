package io.lockstep.runtime.tokenizer;

import java.util.Arrays;

/**
 * Text after normalisation that remembers, for every code unit, which code units of the original it
 * comes from.
 */
final class NormalizedText {

  private final String text;
  private final int[] starts; // [at least text.length()], inclusive, in the original
  private final int[] stops; // [at least text.length()], exclusive, in the original

  private NormalizedText(String text, int[] starts, int[] stops) {
    this.text = text;
    this.starts = starts;
    this.stops = stops;
  }

  /** Code units {@code from} to {@code to} of an original, unchanged. */
  static NormalizedText of(String original, int from, int to) {
    int[] starts = new int[to - from];
    int[] stops = new int[to - from];
    int next;
    for (int at = from; at < to; at = next) {
      next = Math.min(at + Character.charCount(original.codePointAt(at)), to);
      Arrays.fill(starts, at - from, next - from, at);
      Arrays.fill(stops, at - from, next - from, next);
    }
    return new NormalizedText(original.substring(from, to), starts, stops);
  }

  String text() {
    return text;
  }

  int length() {
    return text.length();
  }

  /** Where in the original the code unit at {@code index} begins. */
  int originalStart(int index) {
    return starts[index];
  }

  /** Where in the original the range that ends before {@code stop} ends; {@code stop} > 0. */
  int originalStop(int stop) {
    return stops[stop - 1];
  }

  /** Collects normalised code points in the order of the text. */
  static final class Builder {

    private final StringBuilder text;
    private int[] starts; // [capacity]
    private int[] stops; // [capacity]

    Builder(int expectedLength) {
      int capacity = expectedLength + 16;
      text = new StringBuilder(capacity);
      starts = new int[capacity];
      stops = new int[capacity];
    }

    /** Appends a code point that stands for {@code start} to {@code stop} of the original. */
    void add(int codePoint, int start, int stop) {
      int length = text.length();
      text.appendCodePoint(codePoint);
      if (text.length() > starts.length) {
        starts = Arrays.copyOf(starts, starts.length * 2);
        stops = Arrays.copyOf(stops, stops.length * 2);
      }
      Arrays.fill(starts, length, text.length(), start);
      Arrays.fill(stops, length, text.length(), stop);
    }

    /** Appends text that stands for {@code start} to {@code stop} of the original. */
    void add(String text, int start, int stop) {
      text.codePoints().forEach(codePoint -> add(codePoint, start, stop));
    }

    /** Appends code units {@code from} to {@code to} of {@code source} with their places. */
    void add(NormalizedText source, int from, int to) {
      int next;
      for (int at = from; at < to; at = next) {
        int codePoint = source.text.codePointAt(at);
        next = Math.min(at + Character.charCount(codePoint), to);
        add(codePoint, source.starts[at], source.stops[at]);
      }
    }

    int length() {
      return text.length();
    }

    NormalizedText build() {
      return new NormalizedText(text.toString(), starts, stops);
    }
  }
}
