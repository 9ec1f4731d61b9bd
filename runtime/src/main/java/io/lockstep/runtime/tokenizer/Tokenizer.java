package io.lockstep.runtime.tokenizer;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Turns text into the token ids that a model was trained on, and back. Immutable and safe to share
 * between threads.
 *
 * <p>Any string can be encoded, lone surrogates and control characters included. Padding is not
 * done here, whatever the file says: the batcher pads to the longest row with {@link #padId()}.
 */
public interface Tokenizer {

  /** What the file itself asks for: special tokens on, its truncation or none. */
  EncodeOptions defaultOptions();

  /** The tokens of one text, wrapped in the special tokens that the file's template names. */
  Encoding encode(String text, EncodeOptions options);

  /**
   * The tokens of two texts in one row, as cross-encoders want them; offsets are relative to the
   * text that {@link Encoding#sequence} names.
   */
  Encoding encodePair(String first, String second, EncodeOptions options);

  /**
   * Text for {@code ids} ([tokens]); what normalisation removed (case, accents) does not come back.
   */
  String decode(int[] ids, boolean skipSpecialTokens);

  /**
   * Decodes tokens as they are generated.
   *
   * @param atStart whether the tokens begin a text; those that continue a prompt keep the space
   *     that the first of them may begin with
   */
  IncrementalDetokenizer detokenizer(boolean skipSpecialTokens, boolean atStart);

  /**
   * The bytes of UTF-8, [bytes], that a token adds to a text that has begun; none for a special
   * token or an id that is not used.
   */
  byte[] bytesOf(int id);

  /** One more than the highest token id, which is the number of rows an embedding table needs. */
  int vocabularySize();

  /** The id of {@code token} exactly as the vocabulary spells it, for example {@code ##ing}. */
  OptionalInt idOf(String token);

  /** The token of {@code id} as the vocabulary spells it; empty when no token has this id. */
  Optional<String> tokenOf(int id);

  /** Spelling to id of the tokens that the file marks as special, such as {@code [CLS]}. */
  Map<String, Integer> specialTokens();

  /** The id that fills unused positions of a batch; the file's own, else of [PAD], else 0. */
  int padId();
}
