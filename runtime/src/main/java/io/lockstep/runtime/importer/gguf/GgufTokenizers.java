package io.lockstep.runtime.importer.gguf;

import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.error.UnsupportedModelException;
import io.lockstep.runtime.tokenizer.TokenTable;
import io.lockstep.runtime.tokenizer.TokenTable.Kind;
import io.lockstep.runtime.tokenizer.TokenTable.Role;
import io.lockstep.runtime.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/** The tokenizer that a GGUF file carries in its metadata, keys {@code tokenizer.ggml.*}. */
public final class GgufTokenizers {

  private static final String KEYS = "tokenizer.ggml.";

  /** Families that begin a text with its token even when the file does not say so. */
  private static final Set<String> BEGINNING = Set.of("llama3", "llama-v3", "llama-bpe", "tekken");

  private GgufTokenizers() {}

  /**
   * Builds the tokenizer.
   *
   * @throws InvalidModelException when the metadata contradict themselves
   * @throws UnsupportedModelException when the kind of tokenizer is not supported
   */
  public static Tokenizer read(GgufMetadata metadata) {
    Kind kind = kind(metadata.string(KEYS + "model").orElse("none"));
    List<String> tokens =
        Arrays.asList(metadata.strings(KEYS + "tokens").orElseThrow(() -> missing("tokens")));
    String splitting = metadata.string(KEYS + "pre").orElse("default");
    boolean begins =
        switch (kind) {
          case SENTENCE_PIECE, WORD_PIECE -> true;
          case BYTE_LEVEL -> BEGINNING.contains(splitting);
        };
    boolean begin = metadata.flag(KEYS + "add_bos_token").orElse(begins);
    boolean end = metadata.flag(KEYS + "add_eos_token").orElse(kind == Kind.WORD_PIECE);
    List<Role> roles = roles(metadata, tokens.size());
    boolean words = kind == Kind.WORD_PIECE;
    return new TokenTable(
            kind,
            words ? pieces(tokens) : tokens,
            kind == Kind.SENTENCE_PIECE ? scores(metadata) : List.of(),
            roles,
            kind == Kind.BYTE_LEVEL
                ? Arrays.asList(
                    metadata.strings(KEYS + "merges").orElseThrow(() -> missing("merges")))
                : List.of(),
            splitting,
            metadata.flag(KEYS + "add_space_prefix").orElse(true),
            id(metadata, "unknown_token_id"),
            begin ? id(metadata, words ? "cls_token_id" : "bos_token_id") : OptionalInt.empty(),
            end ? id(metadata, words ? "seperator_token_id" : "eos_token_id") : OptionalInt.empty(),
            id(metadata, "padding_token_id"))
        .tokenizer();
  }

  private static Kind kind(String model) {
    return switch (model) {
      case "llama" -> Kind.SENTENCE_PIECE;
      case "gpt2" -> Kind.BYTE_LEVEL;
      case "bert" -> Kind.WORD_PIECE;
      default ->
          throw new UnsupportedModelException(
              "the tokenizer is of kind '%s', only bert, gpt2 and llama are supported"
                  .formatted(model));
    };
  }

  private static InvalidModelException missing(String key) {
    return new InvalidModelException("the metadata lack '" + KEYS + key + "'");
  }

  private static List<Float> scores(GgufMetadata metadata) {
    double[] values = metadata.numbers(KEYS + "scores").orElseThrow(() -> missing("scores"));
    List<Float> scores = new ArrayList<>(values.length);
    for (double value : values) {
      scores.add((float) value);
    }
    return scores;
  }

  /** Roles are numbered from 1 in the file; without them all tokens are normal. */
  private static List<Role> roles(GgufMetadata metadata, int tokens) {
    if (!metadata.has(KEYS + "token_type")) {
      return Collections.nCopies(tokens, Role.NORMAL);
    }
    Role[] all = Role.values();
    List<Role> roles = new ArrayList<>(tokens);
    for (long number : metadata.integers(KEYS + "token_type").orElseThrow()) {
      if (number < 1 || number > all.length) {
        throw new InvalidModelException("the tokenizer gives a token the type " + number);
      }
      roles.add(all[(int) number - 1]);
    }
    return roles;
  }

  /**
   * Files mark the pieces that begin a word with U+2581 and leave the others bare; vocabularies of
   * word pieces mark those that continue one. Names in brackets are the same in both.
   */
  private static List<String> pieces(List<String> tokens) {
    return tokens.stream()
        .map(token -> {
          if (token.startsWith("[") && token.endsWith("]")) {
            return token;
          }
          return token.startsWith("\u2581") ? token.substring(1) : "##" + token;
        })
        .toList();
  }

  private static OptionalInt id(GgufMetadata metadata, String key) {
    return metadata
        .integer(KEYS + key)
        .map(id -> OptionalInt.of(Math.clamp(id, -1, Integer.MAX_VALUE)))
        .orElse(OptionalInt.empty());
  }
}
