package io.lockstep.runtime.tokenizer;

import java.util.Arrays;

/** A text cut into words: ranges that are not empty, in the order of the text. */
final class Words {

  private final NormalizedText text;
  private int[] starts; // [capacity], inclusive, code units of the text
  private int[] stops; // [capacity], exclusive
  private int count;

  /** No words yet. */
  Words(NormalizedText text) {
    this.text = text;
    int capacity = 16 + text.length() / 8;
    starts = new int[capacity];
    stops = new int[capacity];
  }

  /** The whole text as one word; none when it is empty. */
  static Words whole(NormalizedText text) {
    Words words = new Words(text);
    words.add(0, text.length());
    return words;
  }

  /** Appends a word; an empty range is no word. */
  void add(int start, int stop) {
    if (start == stop) {
      return;
    }
    if (count == starts.length) {
      starts = Arrays.copyOf(starts, count * 2);
      stops = Arrays.copyOf(stops, count * 2);
    }
    starts[count] = start;
    stops[count] = stop;
    count++;
  }

  NormalizedText text() {
    return text;
  }

  int count() {
    return count;
  }

  int start(int word) {
    return starts[word];
  }

  int stop(int word) {
    return stops[word];
  }

  /** Writes one word anew. */
  interface Rewriter {

    /** Appends what becomes of code units {@code from} to {@code to}; from < to. */
    void append(NormalizedText text, int from, int to, NormalizedText.Builder out);
  }

  /** The same words in another spelling. */
  Words rewritten(Rewriter rewriter) {
    NormalizedText.Builder spelling = new NormalizedText.Builder(text.length() + text.length() / 4);
    Words words = new Words(text);
    for (int word = 0; word < count; word++) {
      int start = spelling.length();
      rewriter.append(text, starts[word], stops[word], spelling);
      words.add(start, spelling.length());
    }
    return words.over(spelling.build());
  }

  private Words over(NormalizedText other) {
    Words words = new Words(other);
    words.starts = starts;
    words.stops = stops;
    words.count = count;
    return words;
  }
}
