package io.lockstep.runtime.tokenizer;

/**
 * Splits a word into the longest pieces that the vocabulary has, from left to right; a word that
 * cannot be split whole is one unknown token.
 *
 * <p>BERT (Devlin et al. 2018, arXiv:1810.04805) section 3; the greedy search is the one of its
 * published tokenizer.
 */
final class WordPiece implements SubwordModel {

  private final TokenTrie vocabulary;
  private final int continuation; // trie node behind the prefix of pieces inside a word, or NONE
  private final int unknownId;
  private final int maxWordCodePoints;

  WordPiece(TokenTrie vocabulary, String continuationPrefix, int unknownId, int maxWordCodePoints) {
    this.vocabulary = vocabulary;
    this.continuation = vocabulary.walk(TokenTrie.ROOT, continuationPrefix);
    this.unknownId = unknownId;
    this.maxWordCodePoints = maxWordCodePoints;
  }

  /**
   * Adds the pieces of the word at code units {@code from} to {@code to} of the normalised text. A
   * walk is bounded by {@code maxWordCodePoints}, hence the work is linear in the text.
   */
  @Override
  public void split(NormalizedText source, int from, int to, TokenBuffer out) {
    String text = source.text();
    int mark = out.length();
    if (text.codePointCount(from, to) <= maxWordCodePoints) {
      int start = from;
      while (start < to) {
        int root = start == from ? TokenTrie.ROOT : continuation;
        int node = root == TokenTrie.NONE ? root : vocabulary.longest(text, start, to, root);
        if (node == TokenTrie.NONE) {
          break;
        }
        int stop = start + vocabulary.depth(node) - vocabulary.depth(root);
        out.add(vocabulary.token(node), source.originalStart(start), source.originalStop(stop));
        start = stop;
      }
      if (start == to) {
        return;
      }
    }
    out.rewind(mark);
    out.add(unknownId, source.originalStart(from), source.originalStop(to));
  }
}
