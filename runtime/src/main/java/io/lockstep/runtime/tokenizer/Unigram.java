package io.lockstep.runtime.tokenizer;

import java.util.Arrays;

/**
 * Splits a word into the tokens whose scores add up to the most (Kudo 2018, arXiv:1804.10959,
 * section 3.2), found by Viterbi's algorithm. A character that is no token itself may be unknown,
 * for {@link #PENALTY} less than the least score.
 */
final class Unigram implements SubwordModel {

  /** As in SentencePiece. */
  static final double PENALTY = 10;

  private final TokenTrie vocabulary;
  private final double[] scores; // [ids]
  private final UnknownText unknown;
  private final double unknownScore;

  /** Takes {@code scores} over, [ids], none of them NaN. */
  Unigram(TokenTrie vocabulary, double[] scores, UnknownText unknown) {
    this.vocabulary = vocabulary;
    this.scores = scores;
    this.unknown = unknown;
    unknownScore = Arrays.stream(scores).min().orElse(0) - PENALTY;
  }

  @Override
  public void split(NormalizedText source, int from, int to, TokenBuffer out) {
    int length = to - from;
    double[] best = new double[length + 1]; // sum of the best way to each place
    int[] begins = new int[length + 1]; // where its last token begins
    int[] ids = new int[length + 1]; // and its id, NONE when unknown
    Arrays.fill(best, Double.NEGATIVE_INFINITY);
    best[0] = 0;
    int next;
    for (int at = 0; at < length; at = next) {
      int codePoint = source.text().codePointAt(from + at);
      next = Math.min(at + Character.charCount(codePoint), length);
      boolean isKnown = false;
      int node = TokenTrie.ROOT;
      for (int stop = at + 1; stop <= length; stop++) {
        node = vocabulary.child(node, source.text().charAt(from + stop - 1));
        if (node == TokenTrie.NONE) {
          break;
        }
        int id = vocabulary.token(node);
        if (id != TokenTrie.NONE) {
          isKnown |= stop == next;
          if (best[at] + scores[id] > best[stop]) {
            best[stop] = best[at] + scores[id];
            begins[stop] = at;
            ids[stop] = id;
          }
        }
      }
      if (!isKnown && best[at] + unknownScore > best[next]) {
        best[next] = best[at] + unknownScore;
        begins[next] = at;
        ids[next] = TokenTrie.NONE;
      }
    }
    add(source, from, tokens(begins), ids, out);
  }

  /** The ends of the tokens, [tokens], in order; they begin where the one before ends. */
  private static int[] tokens(int[] begins) {
    int count = 0;
    for (int stop = begins.length - 1; stop > 0; stop = begins[stop]) {
      count++;
    }
    int[] stops = new int[count];
    for (int stop = begins.length - 1; stop > 0; stop = begins[stop]) {
      stops[--count] = stop;
    }
    return stops;
  }

  private void add(NormalizedText source, int from, int[] stops, int[] ids, TokenBuffer out) {
    int start = from;
    int unknownFrom = from;
    for (int stop : stops) {
      if (ids[stop] != TokenTrie.NONE) {
        unknown.add(source, unknownFrom, start, out);
        out.add(ids[stop], source.originalStart(start), source.originalStop(from + stop));
        unknownFrom = from + stop;
      }
      start = from + stop;
    }
    unknown.add(source, unknownFrom, start, out);
  }
}
