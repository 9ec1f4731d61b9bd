package io.lockstep.runtime.tokenizer;

/**
 * Byte-pair encoding: begins with single characters and merges the neighbours of lowest rank,
 * leftmost first, until no two may merge (Sennrich et al. 2016, arXiv:1508.07909).
 */
final class BytePairModel implements SubwordModel {

  private final Symbols symbols;
  private final PairMerges merges;
  private final UnknownText unknown;
  private final boolean wholeWordsFirst;

  /**
   * Names the parts.
   *
   * @param symbols the tokens that single characters may be
   * @param unknown what becomes of characters that are no token
   * @param wholeWordsFirst a word that is a token is taken as it is ({@code ignore_merges})
   */
  BytePairModel(Symbols symbols, PairMerges merges, UnknownText unknown, boolean wholeWordsFirst) {
    this.symbols = symbols;
    this.merges = merges;
    this.unknown = unknown;
    this.wholeWordsFirst = wholeWordsFirst;
  }

  @Override
  public void split(NormalizedText source, int from, int to, TokenBuffer out) {
    if (wholeWordsFirst) {
      int id = symbols.vocabulary().idAt(source.text(), from, to);
      if (id != TokenTrie.NONE) {
        out.add(id, source.originalStart(from), source.originalStop(to));
        return;
      }
    }
    PairMerger merger = new PairMerger(symbols, merges, source.text(), from, to);
    merger.run();
    int unknownFrom = from;
    for (int symbol = 0; symbol < merger.count(); symbol = merger.next(symbol)) {
      int id = merger.id(symbol);
      if (id != TokenTrie.NONE) {
        int start = merger.start(symbol);
        int stop = merger.stop(symbol);
        unknown.add(source, unknownFrom, start, out);
        out.add(id, source.originalStart(start), source.originalStop(stop));
        unknownFrom = stop;
      }
    }
    unknown.add(source, unknownFrom, to, out);
  }
}
