package io.lockstep.runtime.tokenizer;

import io.lockstep.runtime.error.InvalidInputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The tokenizer of BERT and its relatives: added tokens are cut out first, the rest is normalised,
 * split into words and punctuation, and each word into pieces.
 */
final class WordPieceTokenizer implements Tokenizer {

  private final Vocabulary vocabulary;
  private final BertNormalizer normalizer;
  private final WordPiece model;
  private final Template template;
  private final WordPieceDecoder decoder;
  private final Truncation truncation;
  private final int padId;
  private final AddedTokenMatcher addedInOriginal = new AddedTokenMatcher();
  private final AddedTokenMatcher addedInNormalized = new AddedTokenMatcher();

  WordPieceTokenizer(
      Vocabulary vocabulary,
      BertNormalizer normalizer,
      WordPiece model,
      Template template,
      WordPieceDecoder decoder,
      Truncation truncation,
      int padId) {
    this.vocabulary = vocabulary;
    this.normalizer = normalizer;
    this.model = model;
    this.template = template;
    this.decoder = decoder;
    this.truncation = truncation;
    this.padId = padId;
    for (AddedToken token : vocabulary.addedTokens()) {
      String spelling = token.content();
      if (token.normalized()) {
        String normalized = normalizer.normalize(spelling, 0, spelling.length()).text();
        addedInNormalized.add(normalized, token);
      } else {
        addedInOriginal.add(spelling, token);
      }
    }
  }

  @Override
  public EncodeOptions defaultOptions() {
    return new EncodeOptions(true, truncation);
  }

  @Override
  public Encoding encode(String text, EncodeOptions options) {
    return template.layOut(List.of(tokens(text)), options);
  }

  @Override
  public Encoding encodePair(String first, String second, EncodeOptions options) {
    return template.layOut(List.of(tokens(first), tokens(second)), options);
  }

  @Override
  public String decode(int[] ids, boolean skipSpecialTokens) {
    List<String> tokens = new ArrayList<>(ids.length);
    for (int id : ids) {
      String token =
          vocabulary
              .tokenOf(id)
              .orElseThrow(() ->
                  new InvalidInputException(
                      "token id %d is not in the vocabulary of ids 0 to %d"
                          .formatted(id, vocabulary.size() - 1)));
      if (!skipSpecialTokens || !vocabulary.isSpecial(id)) {
        tokens.add(token);
      }
    }
    return decoder.join(tokens);
  }

  @Override
  public int vocabularySize() {
    return vocabulary.size();
  }

  @Override
  public OptionalInt idOf(String token) {
    return vocabulary.idOf(token);
  }

  @Override
  public Optional<String> tokenOf(int id) {
    return vocabulary.tokenOf(id);
  }

  @Override
  public Map<String, Integer> specialTokens() {
    return vocabulary.specialTokens();
  }

  @Override
  public int padId() {
    return padId;
  }

  private TokenBuffer tokens(String text) {
    TokenBuffer out = new TokenBuffer();
    int from = 0;
    while (from < text.length()) {
      AddedTokenMatcher.Match match = addedInOriginal.find(text, from);
      int stop = match == null ? text.length() : match.start();
      if (stop > from) {
        addNormalized(normalizer.normalize(text, from, stop), out);
      }
      if (match == null) {
        break;
      }
      out.add(match.token().id(), match.start(), match.stop());
      from = match.stop();
    }
    return out;
  }

  private void addNormalized(NormalizedText source, TokenBuffer out) {
    String text = source.text();
    int from = 0;
    while (from < text.length()) {
      AddedTokenMatcher.Match match = addedInNormalized.find(text, from);
      addWords(source, from, match == null ? text.length() : match.start(), out);
      if (match == null) {
        break;
      }
      out.add(
          match.token().id(),
          source.originalStart(match.start()),
          source.originalStop(match.stop()));
      from = match.stop();
    }
  }

  /** Splits at white space, and around every punctuation mark, which is a word of its own. */
  private void addWords(NormalizedText source, int from, int to, TokenBuffer out) {
    String text = source.text();
    int wordStart = from;
    int next;
    for (int at = from; at < to; at = next) {
      int codePoint = text.codePointAt(at);
      next = Math.min(at + Character.charCount(codePoint), to);
      boolean space = Characters.isWhiteSpace(codePoint);
      if (space || Characters.isPunctuation(codePoint)) {
        if (wordStart < at) {
          model.split(source, wordStart, at, out);
        }
        if (!space) {
          model.split(source, at, next, out);
        }
        wordStart = next;
      }
    }
    if (wordStart < to) {
      model.split(source, wordStart, to, out);
    }
  }
}
