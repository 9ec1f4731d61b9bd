package io.lockstep.runtime.tokenizer;

import java.nio.charset.StandardCharsets;

/** A tokenizer.json small enough to read in a test, and what it becomes. */
final class TinyTokenizer {

  static final String JSON =
      """
      {
        "truncation": null,
        "padding": null,
        "added_tokens": [
          {"id": 0, "content": "[PAD]", "normalized": false, "special": true},
          {"id": 1, "content": "[UNK]", "normalized": false, "special": true},
          {"id": 2, "content": "[CLS]", "normalized": false, "special": true},
          {"id": 3, "content": "[SEP]", "normalized": false, "special": true},
          {"id": 20, "content": "Lock-Step", "normalized": true, "special": false},
          {"id": 21, "content": "<s>", "lstrip": true, "rstrip": true, "special": true},
          {"id": 22, "content": "unit", "single_word": true, "normalized": false}
        ],
        "normalizer": {"type": "BertNormalizer", "clean_text": true,
          "handle_chinese_chars": true, "strip_accents": null, "lowercase": true},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {
          "type": "TemplateProcessing",
          "single": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}},
            {"Sequence": {"id": "A", "type_id": 0}},
            {"SpecialToken": {"id": "[SEP]", "type_id": 0}}],
          "pair": [{"SpecialToken": {"id": "[CLS]", "type_id": 0}},
            {"Sequence": {"id": "A", "type_id": 0}},
            {"SpecialToken": {"id": "[SEP]", "type_id": 0}},
            {"Sequence": {"id": "B", "type_id": 1}},
            {"SpecialToken": {"id": "[SEP]", "type_id": 1}}],
          "special_tokens": {
            "[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]},
            "[SEP]": {"id": "[SEP]", "ids": [3], "tokens": ["[SEP]"]}}},
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
          "max_input_chars_per_word": 12,
          "vocab": {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "play": 4, "##ing": 5,
            "##er": 6, "the": 7, "a": 8, "##a": 9, ".": 10, ",": 11, "!": 12, "guitar": 13,
            "中": 14, "##s": 15, "i": 16, "cafe": 17, "unit": 18, "##unit": 19}}
      }
      """;

  private TinyTokenizer() {}

  static Tokenizer create() {
    return parse(JSON);
  }

  static Tokenizer parse(String json) {
    return TokenizerJson.parse(json.getBytes(StandardCharsets.UTF_8));
  }

  /** The tiny tokenizer with one piece of its file replaced, which must be there. */
  static Tokenizer with(String original, String replacement) {
    if (!JSON.contains(original)) {
      throw new IllegalArgumentException(original);
    }
    return parse(JSON.replace(original, replacement));
  }
}
