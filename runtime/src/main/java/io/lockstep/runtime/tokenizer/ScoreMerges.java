package io.lockstep.runtime.tokenizer;

import java.util.Arrays;

/**
 * Merges as SentencePiece knows them: any two neighbours whose text is a token, the highest score
 * first. Neither of the two needs to be a token itself.
 */
final class ScoreMerges implements PairMerges {

  private final TokenTrie pieces;
  private final int[] ranks; // [ids], equal for equal scores

  /**
   * Ranks all tokens.
   *
   * @param pieces the tokens that merging may form
   * @param scores [ids]; NaN ranks last
   */
  ScoreMerges(TokenTrie pieces, float[] scores) {
    this.pieces = pieces;
    float[] sorted = scores.clone();
    Arrays.sort(sorted);
    ranks = new int[scores.length];
    for (int id = 0; id < ranks.length; id++) {
      int place = Arrays.binarySearch(sorted, scores[id]);
      while (place > 0 && Float.compare(sorted[place - 1], sorted[place]) == 0) {
        place--;
      }
      ranks[id] = Float.isNaN(scores[id]) ? ranks.length : ranks.length - place;
    }
  }

  @Override
  public long merged(String text, int from, int to, int left, int right) {
    int id = pieces.idAt(text, from, to);
    return id == TokenTrie.NONE ? NONE : PairMerges.of(ranks[id], id);
  }
}
