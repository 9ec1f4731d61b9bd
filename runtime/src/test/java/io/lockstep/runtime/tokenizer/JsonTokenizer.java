package io.lockstep.runtime.tokenizer;

/** Builds the text of small tokenizer.json files around one part that a test is about. */
record JsonTokenizer(String normalizer, String preTokenizer, String decoder, String model) {

  /** Every Latin letter, signs and digits are tokens, so that words show what became of a text. */
  static final String CHARACTERS =
      """
      {"type": "BPE", "unk_token": "?", "vocab": {"?": 0, "a": 1, "b": 2, "c": 3, "\u2581": 4,
        "\u2581a": 5, "ab": 6, " ": 7, "1": 8, "2": 9, ".": 10},
        "merges": ["\u2581 a", "a b"]}\
      """;

  static JsonTokenizer of(String model) {
    return new JsonTokenizer("null", "null", "null", model);
  }

  JsonTokenizer normalizing(String part) {
    return new JsonTokenizer(part, preTokenizer, decoder, model);
  }

  JsonTokenizer splitting(String part) {
    return new JsonTokenizer(normalizer, part, decoder, model);
  }

  JsonTokenizer decoding(String part) {
    return new JsonTokenizer(normalizer, preTokenizer, part, model);
  }

  Tokenizer build(String... addedTokens) {
    return TinyTokenizer.parse(
        """
        {"added_tokens": [%s], "normalizer": %s, "pre_tokenizer": %s, "decoder": %s, "model": %s}
        """
            .formatted(String.join(", ", addedTokens), normalizer, preTokenizer, decoder, model));
  }

  /** The tokens of a text as the vocabulary spells them, each in brackets. */
  static String tokens(Tokenizer tokenizer, String text) {
    StringBuilder tokens = new StringBuilder();
    for (int id : tokenizer.encode(text, tokenizer.defaultOptions()).ids()) {
      tokens.append('[').append(tokenizer.tokenOf(id).orElseThrow()).append(']');
    }
    return tokens.toString();
  }
}
