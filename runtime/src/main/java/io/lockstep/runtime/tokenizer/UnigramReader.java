package io.lockstep.runtime.tokenizer;

import java.util.List;

/** Builds the model of a tokenizer.json that is Unigram. */
final class UnigramReader implements ModelKind {

  /** Pairs of a token and its score; a token's place is its id. */
  @Override
  public void addTokens(JsonField model, Vocabulary.Builder out) {
    int id = 0;
    for (JsonField entry : model.get("vocab").elements()) {
      out.add(pair(entry).getFirst().text(), id++);
    }
  }

  @Override
  public SubwordModel read(JsonField model, Vocabulary vocabulary, UnsupportedParts unsupported) {
    List<JsonField> entries = model.get("vocab").elements();
    double[] scores = new double[entries.size()];
    for (int id = 0; id < scores.length; id++) {
      scores[id] = pair(entries.get(id)).get(1).number();
    }
    JsonField unknown = model.get("unk_id");
    int unknownId = unknown.integerOr(TokenTrie.NONE);
    if (unknownId >= scores.length || unknownId < TokenTrie.NONE) {
      throw unknown.expected("an id below " + scores.length);
    }
    boolean hasBytes = model.get("byte_fallback").flagOr(false);
    return new Unigram(
        vocabulary.spellings(),
        scores,
        new UnknownText(unknownId, hasBytes ? UnknownText.byteIds(vocabulary) : new int[0], true));
  }

  private static List<JsonField> pair(JsonField entry) {
    List<JsonField> pair = entry.elements();
    if (pair.size() != 2) {
      throw entry.expected("a token and its score");
    }
    return pair;
  }
}
