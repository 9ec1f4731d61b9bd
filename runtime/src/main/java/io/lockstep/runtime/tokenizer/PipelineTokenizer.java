package io.lockstep.runtime.tokenizer;

import io.lockstep.runtime.error.InvalidInputException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Every tokenizer: added tokens are cut out first, the rest is normalised, split into words, and
 * each word into tokens of the vocabulary.
 */
final class PipelineTokenizer implements Tokenizer {

  private final Vocabulary vocabulary;
  private final TokenizerParts parts;
  private final AddedTokenMatcher addedInOriginal = new AddedTokenMatcher();
  private final AddedTokenMatcher addedInNormalized = new AddedTokenMatcher();

  PipelineTokenizer(TokenizerParts parts) {
    this.parts = parts;
    vocabulary = parts.vocabulary();
    for (AddedToken token : vocabulary.addedTokens()) {
      String spelling = token.content();
      if (token.normalized()) {
        NormalizedText original = NormalizedText.of(spelling, 0, spelling.length());
        addedInNormalized.add(parts.normalizer().normalize(original).text(), token);
      } else {
        addedInOriginal.add(spelling, token);
      }
    }
  }

  @Override
  public EncodeOptions defaultOptions() {
    return new EncodeOptions(true, parts.truncation());
  }

  @Override
  public Encoding encode(String text, EncodeOptions options) {
    return parts.template().layOut(List.of(tokens(text)), options);
  }

  @Override
  public Encoding encodePair(String first, String second, EncodeOptions options) {
    return parts.template().layOut(List.of(tokens(first), tokens(second)), options);
  }

  @Override
  public String decode(int[] ids, boolean skipSpecialTokens) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(ids.length * 4);
    boolean first = true;
    for (int id : ids) {
      first &= !append(id, skipSpecialTokens, first, bytes);
    }
    byte[] all = bytes.toByteArray();
    return new String(all, 0, all.length - heldBack(all), StandardCharsets.UTF_8);
  }

  /** Number of bytes at the end that count only if more follows, 0 or 1. */
  int heldBack(byte[] bytes) {
    boolean isHeld = parts.decoder().holdsLastSpace() && bytes.length > 0;
    return isHeld && bytes[bytes.length - 1] == ' ' ? 1 : 0;
  }

  @Override
  public IncrementalDetokenizer detokenizer(boolean skipSpecialTokens, boolean atStart) {
    return new IncrementalDetokenizer(this, skipSpecialTokens, atStart);
  }

  @Override
  public byte[] bytesOf(int id) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    if (vocabulary.tokenOf(id).isPresent()) {
      append(id, true, false, bytes);
    }
    return bytes.toByteArray();
  }

  /** Appends the bytes of a token; false when it is special and to be skipped. */
  boolean append(int id, boolean skipSpecialTokens, boolean first, ByteArrayOutputStream out) {
    String token =
        vocabulary
            .tokenOf(id)
            .orElseThrow(() ->
                new InvalidInputException(
                    "token id %d is not in the vocabulary of ids 0 to %d"
                        .formatted(id, vocabulary.size() - 1)));
    if (skipSpecialTokens && vocabulary.isSpecial(id)) {
      return false;
    }
    if (vocabulary.isAdded(id)) {
      parts.decoder().appendAdded(token, first, out);
    } else {
      parts.decoder().append(token, first, out);
    }
    return true;
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
    return parts.padId();
  }

  private TokenBuffer tokens(String text) {
    TokenBuffer out = new TokenBuffer();
    int from = 0;
    while (from < text.length()) {
      AddedTokenMatcher.Match match = addedInOriginal.find(text, from);
      int stop = match == null ? text.length() : match.start();
      if (stop > from) {
        addNormalized(parts.normalizer().normalize(NormalizedText.of(text, from, stop)), out);
      }
      if (match == null) {
        break;
      }
      out.add(match.token().id(), match.start(), match.stop());
      from = match.stop();
    }
    if (parts.template().trimsOffsets()) {
      out.trim(text);
    }
    return out;
  }

  private void addNormalized(NormalizedText source, TokenBuffer out) {
    String text = source.text();
    int from = 0;
    while (from < text.length()) {
      AddedTokenMatcher.Match match = addedInNormalized.find(text, from);
      int stop = match == null ? text.length() : match.start();
      addWords(source, from, stop, out);
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

  private void addWords(NormalizedText source, int from, int to, TokenBuffer out) {
    Words whole = new Words(source);
    whole.add(from, to);
    Words words = parts.preTokenizer().split(whole);
    for (int word = 0; word < words.count(); word++) {
      parts.model().split(words.text(), words.start(word), words.stop(word), out);
    }
  }
}
