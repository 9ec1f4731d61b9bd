package io.lockstep.runtime.tokenizer;

import java.util.List;

/** Builds the model of a tokenizer.json that is BPE, byte-level or as SentencePiece has it. */
final class BytePairReader implements ModelKind {

  @Override
  public SubwordModel read(JsonField model, Vocabulary vocabulary, UnsupportedParts unsupported) {
    JsonField dropout = model.get("dropout");
    if (!dropout.isAbsent() && dropout.number() != 0) {
      unsupported.add(dropout, "(merges that are left out by chance)");
    }
    String unknown = model.get("unk_token").textOr("");
    int unknownId =
        unknown.isEmpty() ? TokenTrie.NONE : vocabulary.idOf(unknown).orElse(TokenTrie.NONE);
    boolean hasBytes = model.get("byte_fallback").flagOr(false);
    String prefix = model.get("continuing_subword_prefix").textOr("");
    return new BytePairModel(
        new Symbols(vocabulary.spellings(), prefix, model.get("end_of_word_suffix").textOr("")),
        merges(model.get("merges"), vocabulary, prefix),
        new UnknownText(
            unknownId,
            hasBytes ? UnknownText.byteIds(vocabulary) : new int[0],
            model.get("fuse_unk").flagOr(false)),
        model.get("ignore_merges").flagOr(false));
  }

  /** Pairs, or texts with a space between both. */
  private static MergeTable merges(JsonField merges, Vocabulary vocabulary, String prefix) {
    List<JsonField> elements = merges.elements();
    MergeTable table = new MergeTable(elements.size());
    for (JsonField merge : elements) {
      if (merge.node().isTextual()) {
        table.addSpaced(vocabulary, merge.text(), prefix);
        continue;
      }
      List<JsonField> pair = merge.elements();
      if (pair.size() != 2) {
        throw merge.expected("two tokens");
      }
      table.add(vocabulary, pair.get(0).text(), pair.get(1).text(), prefix);
    }
    return table;
  }
}
