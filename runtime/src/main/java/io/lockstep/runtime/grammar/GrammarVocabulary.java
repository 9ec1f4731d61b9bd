package io.lockstep.runtime.grammar;

import io.lockstep.runtime.error.UnsupportedModelException;
import io.lockstep.runtime.tokenizer.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.stream.IntStream;

/** The tokens of a tokenizer in the order of their bytes; shared by all grammars of a model. */
public final class GrammarVocabulary {

  /** Longest token; there are none in practice that are longer. */
  private static final int MAX_BYTES = 1024;

  /** Most characters of tokens that count as plain: all may stand in a JSON string as they are. */
  private static final int MAX_PLAIN = 24;

  private final byte[][] bytes; // [ids][bytes]
  private final TokenTree tree; // all tokens
  private final TokenTree others; // those that are not plain
  private final BitSet[] plain = new BitSet[MAX_PLAIN + 1]; // ids by most characters

  /**
   * Sorts the tokens.
   *
   * @throws UnsupportedModelException when a byte of UTF-8 is no token: some text would have no
   *     tokens, and a grammar might lead into it
   */
  public GrammarVocabulary(Tokenizer tokenizer) {
    bytes = new byte[tokenizer.vocabularySize()][];
    BitSet single = new BitSet(256);
    for (int id = 0; id < bytes.length; id++) {
      bytes[id] = tokenizer.bytesOf(id);
      if (bytes[id].length == 1) {
        single.set(bytes[id][0] & 0xFF);
      }
    }
    for (int value = 0; value < 0xF5; value++) {
      if (!single.get(value) && value != 0xC0 && value != 0xC1) {
        throw new UnsupportedModelException(
            "structured output needs a token for every byte, but byte %d has none"
                .formatted(value));
      }
    }
    int[] sorted =
        IntStream.range(0, bytes.length)
            .filter(id -> bytes[id].length > 0 && bytes[id].length <= MAX_BYTES)
            .boxed()
            .sorted((a, b) -> Arrays.compareUnsigned(bytes[a], bytes[b]))
            .mapToInt(Integer::intValue)
            .toArray();
    tree = new TokenTree(sorted, bytes);
    int[] lengths = new int[bytes.length]; // characters of tokens that are plain
    for (int id : sorted) {
      lengths[id] = plainCharacters(bytes[id]);
    }
    others = new TokenTree(Arrays.stream(sorted).filter(id -> lengths[id] == 0).toArray(), bytes);
    for (int length = 0; length < plain.length; length++) {
      int longest = length;
      plain[length] = new BitSet(bytes.length);
      Arrays.stream(sorted)
          .filter(id -> lengths[id] > 0 && lengths[id] <= longest)
          .forEach(plain[length]::set);
    }
  }

  /** The number of characters; 0 if some may not stand in a JSON string, or are incomplete. */
  private static int plainCharacters(byte[] token) {
    String text = new String(token, StandardCharsets.UTF_8);
    boolean isPlain =
        text.codePoints().allMatch(JsonRules::isPlain)
            && Arrays.equals(text.getBytes(StandardCharsets.UTF_8), token);
    int count = text.codePointCount(0, text.length());
    return isPlain && count <= MAX_PLAIN ? count : 0;
  }

  /** One more than the highest id. */
  public int size() {
    return bytes.length;
  }

  /** Bytes of a token; not to be changed. */
  byte[] bytes(int id) {
    return bytes[id];
  }

  /** The tokens that may follow a position. */
  BitSet allowed(Position position) {
    int run = position.plainRun(MAX_PLAIN);
    if (run == Position.MIXED) {
      BitSet allowed = new BitSet(bytes.length);
      tree.addAllowed(position, allowed);
      return allowed;
    }
    BitSet allowed = (BitSet) plain[run].clone();
    others.addAllowed(position, allowed);
    return allowed;
  }
}
