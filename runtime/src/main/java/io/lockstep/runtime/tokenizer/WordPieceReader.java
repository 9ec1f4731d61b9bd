package io.lockstep.runtime.tokenizer;

import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.error.UnsupportedModelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Builds the tokenizer of a tokenizer.json whose model is WordPiece. */
final class WordPieceReader {

  /** Longest spelling of a token; keeps the search for added tokens linear in the text. */
  private static final int MAX_SPELLING = 512;

  private WordPieceReader() {}

  static Tokenizer read(JsonField document) {
    refuseUnsupported(document);
    Vocabulary vocabulary = vocabulary(document);
    TextNormalizer normalizer = normalizer(document.get("normalizer"));
    Template template = TemplateReader.read(document.get("post_processor"), vocabulary.size());
    JsonField decoder = document.get("decoder");
    return new PipelineTokenizer(
        new TokenizerParts(
            vocabulary,
            normalizer,
            new BertPreTokenizer(),
            model(document.get("model"), vocabulary),
            template,
            decoder.isAbsent()
                ? new WordPieceDecoder("", false)
                : new WordPieceDecoder(
                    decoder.get("prefix").textOr("##"), decoder.get("cleanup").flagOr(true)),
            truncation(document.get("truncation")),
            padId(document.get("padding"), vocabulary)));
  }

  /** Everything the file needs and we lack, in one message. */
  private static void refuseUnsupported(JsonField document) {
    List<String> unsupported = new ArrayList<>();
    List<String> processors = List.of("TemplateProcessing", "BertProcessing");
    check(document.get("normalizer"), List.of("BertNormalizer"), false, unsupported);
    check(document.get("pre_tokenizer"), List.of("BertPreTokenizer"), false, unsupported);
    check(document.get("post_processor"), processors, true, unsupported);
    check(document.get("decoder"), List.of("WordPiece"), true, unsupported);
    if (!unsupported.isEmpty()) {
      throw new UnsupportedModelException(
          "tokenizer.json: not supported with a WordPiece model: "
              + String.join("; ", unsupported));
    }
  }

  private static void check(
      JsonField part, List<String> known, boolean optional, List<String> unsupported) {
    if (part.isAbsent()) {
      if (!optional) {
        unsupported.add("no " + part.path());
      }
    } else {
      String type = part.get("type").text();
      if (!known.contains(type)) {
        unsupported.add(part.path() + " " + type);
      }
    }
  }

  private static Vocabulary vocabulary(JsonField document) {
    Vocabulary.Builder builder = new Vocabulary.Builder();
    document
        .get("model")
        .get("vocab")
        .forEachMember((token, id) -> builder.add(spelling(token, id), id.integer()));
    for (JsonField token : document.get("added_tokens").elements()) {
      boolean special = token.get("special").flagOr(false);
      builder.add(
          new AddedToken(
              token.get("id").integer(),
              spelling(token.get("content").text(), token),
              token.get("single_word").flagOr(false),
              token.get("lstrip").flagOr(false),
              token.get("rstrip").flagOr(false),
              token.get("normalized").flagOr(!special),
              special));
    }
    return builder.build();
  }

  private static String spelling(String token, JsonField at) {
    if (token.length() > MAX_SPELLING) {
      throw new InvalidModelException(
          "tokenizer.json: the token that starts with \"%s\" has %d characters, more than %d"
              .formatted(token.substring(0, 20), token.length(), MAX_SPELLING));
    }
    if (token.isEmpty()) {
      throw at.expected("the id of a token that is not empty");
    }
    return token;
  }

  private static BertNormalizer normalizer(JsonField normalizer) {
    boolean lowercase = normalizer.get("lowercase").flagOr(true);
    return new BertNormalizer(
        normalizer.get("clean_text").flagOr(true),
        normalizer.get("handle_chinese_chars").flagOr(true),
        normalizer.get("strip_accents").flagOr(lowercase),
        lowercase);
  }

  private static WordPiece model(JsonField model, Vocabulary vocabulary) {
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

  private static Truncation truncation(JsonField truncation) {
    if (truncation.isAbsent()) {
      return Truncation.NONE;
    }
    JsonField maxLength = truncation.get("max_length");
    if (maxLength.integer() < 1) {
      throw maxLength.expected("at least 1");
    }
    String side = truncation.get("direction").textOr("Right");
    String strategy = truncation.get("strategy").textOr("LongestFirst");
    return new Truncation(
        maxLength.integer(),
        switch (side.toLowerCase(Locale.ROOT)) {
          case "right" -> Truncation.Side.RIGHT;
          case "left" -> Truncation.Side.LEFT;
          default -> throw truncation.get("direction").expected("Left or Right");
        },
        switch (strategy) {
          case "LongestFirst" -> Truncation.Strategy.LONGEST_FIRST;
          case "OnlyFirst" -> Truncation.Strategy.ONLY_FIRST;
          case "OnlySecond" -> Truncation.Strategy.ONLY_SECOND;
          default ->
              throw truncation.get("strategy").expected("LongestFirst, OnlyFirst or OnlySecond");
        });
  }

  private static int padId(JsonField padding, Vocabulary vocabulary) {
    JsonField padId = padding.get("pad_id");
    if (padId.isAbsent()) {
      return vocabulary.idOf("[PAD]").orElse(0);
    }
    int id = padId.integer();
    if (id < 0 || id >= vocabulary.size()) {
      throw padId.expected("an id below " + vocabulary.size());
    }
    return id;
  }
}
