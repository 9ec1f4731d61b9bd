package io.lockstep.runtime.tokenizer;

import io.lockstep.runtime.error.InvalidModelException;

/** Builds the model of a tokenizer.json that is WordPiece. */
final class WordPieceReader implements ModelKind {

  @Override
  public SubwordModel read(JsonField model, Vocabulary vocabulary, UnsupportedParts unsupported) {
    String unknown = model.get("unk_token").textOr("[UNK]");
    int unknownId =
        vocabulary
            .idOf(unknown)
            .orElseThrow(() ->
                new InvalidModelException(
                    "tokenizer.json: the vocabulary lacks the unknown token " + unknown));
    return new WordPiece(
        vocabulary.spellings(),
        model.get("continuing_subword_prefix").textOr("##"),
        unknownId,
        model.get("max_input_chars_per_word").integerOr(100));
  }
}
