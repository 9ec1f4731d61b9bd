package io.lockstep.runtime.tokenizer;

import io.lockstep.runtime.error.InvalidModelException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * A vocabulary as model files list it, from which a tokenizer is built.
 *
 * @param kind how text is cut into tokens
 * @param tokens their spellings, [ids]
 * @param scores [ids] for {@link Kind#SENTENCE_PIECE}, else empty
 * @param roles [ids]
 * @param merges pairs separated by one space, for {@link Kind#BYTE_LEVEL}, else empty
 * @param splitting name of the family whose patterns split text, for {@link Kind#BYTE_LEVEL}
 * @param spacePrefix whether text begins with a space of its own, for {@link Kind#SENTENCE_PIECE}
 * @param unknown id of the token for what cannot be encoded
 * @param begin id put before a text
 * @param end id put behind a text
 * @param padding id that fills unused positions
 */
public record TokenTable(
    Kind kind,
    List<String> tokens,
    List<Float> scores,
    List<Role> roles,
    List<String> merges,
    String splitting,
    boolean spacePrefix,
    OptionalInt unknown,
    OptionalInt begin,
    OptionalInt end,
    OptionalInt padding) {

  /** Longest spelling of a token; keeps searching linear in the text. */
  private static final int MAX_SPELLING = 1024;

  /** Families whose published tokenizers take a word that is a token without merging. */
  private static final Set<String> WHOLE_WORDS_FIRST =
      Set.of("llama3", "llama-v3", "llama-bpe", "falcon3", "tekken");

  /** How text is cut into tokens. */
  public enum Kind {
    SENTENCE_PIECE,
    BYTE_LEVEL,
    WORD_PIECE
  }

  /** What a token is for. */
  public enum Role {
    NORMAL,
    UNKNOWN,
    CONTROL,
    USER_DEFINED,
    UNUSED,
    BYTE
  }

  /**
   * Checks that lists agree in length and ids exist.
   *
   * @throws InvalidModelException when they do not
   */
  public TokenTable {
    tokens = List.copyOf(tokens);
    scores = List.copyOf(scores);
    roles = List.copyOf(roles);
    merges = List.copyOf(merges);
    int scoresWanted = kind == Kind.SENTENCE_PIECE ? tokens.size() : 0;
    if (tokens.isEmpty() || roles.size() != tokens.size() || scores.size() != scoresWanted) {
      throw new InvalidModelException(
          "the tokenizer lists %d tokens, %d roles and %d scores"
              .formatted(tokens.size(), roles.size(), scores.size()));
    }
    for (OptionalInt id : List.of(unknown, begin, end, padding)) {
      if (id.isPresent() && (id.getAsInt() < 0 || id.getAsInt() >= tokens.size())) {
        throw new InvalidModelException(
            "the tokenizer names token %d of %d".formatted(id.getAsInt(), tokens.size()));
      }
    }
  }

  /** Builds the tokenizer. */
  public Tokenizer tokenizer() {
    Vocabulary vocabulary = vocabulary();
    return new PipelineTokenizer(
        new TokenizerParts(
            vocabulary,
            normalizer(),
            switch (kind) {
              case SENTENCE_PIECE -> PreTokenizer.NONE;
              case BYTE_LEVEL -> PreTokenizers.byteLevel(splitting);
              case WORD_PIECE -> new BertPreTokenizer();
            },
            model(vocabulary),
            template(),
            decoder(),
            Truncation.NONE,
            padding.orElse(0)));
  }

  private TextNormalizer normalizer() {
    return switch (kind) {
      case SENTENCE_PIECE -> new SpaceMarkers(spacePrefix);
      case BYTE_LEVEL -> TextNormalizer.NONE;
      case WORD_PIECE -> new BertNormalizer(true, true, true, true);
    };
  }

  private TokenDecoder decoder() {
    return switch (kind) {
      case SENTENCE_PIECE ->
          new MarkerDecoder(
              String.valueOf(SpaceMarkers.MARKER), roles.contains(Role.BYTE), spacePrefix);
      case BYTE_LEVEL -> new ByteLevelDecoder();
      case WORD_PIECE -> new WordPieceDecoder("##", true);
    };
  }

  private Vocabulary vocabulary() {
    Vocabulary.Builder builder = new Vocabulary.Builder(MAX_SPELLING);
    Set<String> seen = new HashSet<>();
    for (int id = 0; id < tokens.size(); id++) {
      String token = tokens.get(id);
      if (!seen.add(token)) {
        throw new InvalidModelException("token %d of the tokenizer is there twice".formatted(id));
      }
      switch (roles.get(id)) {
        case NORMAL, UNUSED, BYTE -> builder.add(token, id);
        case UNKNOWN, CONTROL ->
            builder.add(new AddedToken(id, token, false, false, false, false, true));
        case USER_DEFINED ->
            builder.add(new AddedToken(id, token, false, false, false, false, false));
      }
    }
    return builder.build();
  }

  private SubwordModel model(Vocabulary vocabulary) {
    TokenTrie spellings = vocabulary.spellings();
    int unknownId = unknown.orElse(TokenTrie.NONE);
    return switch (kind) {
      case SENTENCE_PIECE -> {
        float[] values = new float[scores.size()];
        for (int id = 0; id < values.length; id++) {
          values[id] = scores.get(id);
        }
        UnknownText text = new UnknownText(unknownId, UnknownText.byteIds(vocabulary), false);
        yield new BytePairModel(
            new Symbols(spellings), new ScoreMerges(spellings, values), text, false);
      }
      case BYTE_LEVEL ->
          new BytePairModel(
              new Symbols(spellings),
              mergeTable(vocabulary),
              UnknownText.DROPPED,
              WHOLE_WORDS_FIRST.contains(splitting));
      case WORD_PIECE -> new WordPiece(spellings, "##", unknown.orElse(0), 100);
    };
  }

  private MergeTable mergeTable(Vocabulary vocabulary) {
    MergeTable table = new MergeTable(merges.size());
    merges.forEach(merge -> table.addSpaced(vocabulary, merge, ""));
    return table;
  }

  private Template template() {
    List<Template.Piece> single = new ArrayList<>();
    begin.ifPresent(id -> single.add(Template.Piece.special(id, 0)));
    single.add(Template.Piece.text(0, 0));
    end.ifPresent(id -> single.add(Template.Piece.special(id, 0)));
    List<Template.Piece> pair = new ArrayList<>(single);
    pair.add(Template.Piece.text(1, 1));
    end.ifPresent(id -> pair.add(Template.Piece.special(id, 1)));
    return new Template(single, pair, false);
  }
}
