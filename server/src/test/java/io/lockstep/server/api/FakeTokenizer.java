package io.lockstep.server.api;

import io.lockstep.runtime.tokenizer.TokenizerJson;
import io.lockstep.server.serving.Pooling;
import io.lockstep.server.serving.TextSettings;
import java.nio.charset.StandardCharsets;

/** A real tokenizer of a few words. */
final class FakeTokenizer {

  private static final String JSON =
      """
      {
        "added_tokens": [
          {"id": 0, "content": "[PAD]", "normalized": false, "special": true},
          {"id": 1, "content": "[UNK]", "normalized": false, "special": true},
          {"id": 2, "content": "[CLS]", "normalized": false, "special": true},
          {"id": 3, "content": "[SEP]", "normalized": false, "special": true}
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
            "the": 6, "guitar": 7}}
      }
      """;

  private FakeTokenizer() {}

  /** Mean pooling, at most 16 tokens. */
  static TextSettings settings() {
    return new TextSettings(
        TokenizerJson.parse(JSON.getBytes(StandardCharsets.UTF_8)),
        Pooling.MEAN,
        true,
        16,
        FakeEmbeddingService.DIMENSIONS);
  }
}
