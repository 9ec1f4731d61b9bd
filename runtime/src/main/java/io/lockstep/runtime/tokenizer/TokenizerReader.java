package io.lockstep.runtime.tokenizer;

import java.util.Locale;
import java.util.OptionalInt;
import java.util.stream.Stream;

/** Builds the tokenizer of a tokenizer.json around the model of its kind. */
final class TokenizerReader {

  /** Longest spelling of a token; keeps the search for tokens linear in the text. */
  private static final int MAX_SPELLING = 1024;

  private final JsonField document;
  private final ModelKind kind;
  private final UnsupportedParts unsupported = new UnsupportedParts();

  TokenizerReader(JsonField document, ModelKind kind) {
    this.document = document;
    this.kind = kind;
  }

  Tokenizer read() {
    Vocabulary vocabulary = vocabulary();
    TokenizerParts parts =
        new TokenizerParts(
            vocabulary,
            NormalizerReader.read(document.get("normalizer"), unsupported),
            PreTokenizerReader.read(document.get("pre_tokenizer"), unsupported),
            kind.read(document.get("model"), vocabulary, unsupported),
            TemplateReader.read(document.get("post_processor"), vocabulary.size(), unsupported),
            DecoderReader.read(document.get("decoder"), unsupported),
            truncation(document.get("truncation")),
            padId(document.get("padding"), vocabulary));
    unsupported.refuse();
    return new PipelineTokenizer(parts);
  }

  private Vocabulary vocabulary() {
    Vocabulary.Builder builder = new Vocabulary.Builder(MAX_SPELLING);
    kind.addTokens(document.get("model"), builder);
    for (JsonField token : document.get("added_tokens").elements()) {
      boolean special = token.get("special").flagOr(false);
      builder.add(
          new AddedToken(
              token.get("id").integer(),
              token.get("content").text(),
              token.get("single_word").flagOr(false),
              token.get("lstrip").flagOr(false),
              token.get("rstrip").flagOr(false),
              token.get("normalized").flagOr(!special),
              special));
    }
    return builder.build();
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
      return Stream.of("[PAD]", "<pad>")
          .map(vocabulary::idOf)
          .flatMapToInt(OptionalInt::stream)
          .findFirst()
          .orElse(0);
    }
    int id = padId.integer();
    if (id < 0 || id >= vocabulary.size()) {
      throw padId.expected("an id below " + vocabulary.size());
    }
    return id;
  }
}
