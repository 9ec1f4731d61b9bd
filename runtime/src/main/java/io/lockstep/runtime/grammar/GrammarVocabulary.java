package io.lockstep.runtime.grammar;

import io.lockstep.runtime.error.UnsupportedModelException;
import io.lockstep.runtime.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.stream.IntStream;

/** The tokens of a tokenizer in the order of their bytes; shared by all grammars of a model. */
public final class GrammarVocabulary {

  private final byte[][] bytes; // [ids][bytes]
  private final int[] sorted; // [tokens with bytes], ids by their bytes
  private final int[] shared; // [tokens with bytes], bytes in common with the one before

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
    sorted =
        IntStream.range(0, bytes.length)
            .filter(id -> bytes[id].length > 0)
            .boxed()
            .sorted((a, b) -> Arrays.compareUnsigned(bytes[a], bytes[b]))
            .mapToInt(Integer::intValue)
            .toArray();
    shared = new int[sorted.length];
    for (int i = 1; i < sorted.length; i++) {
      int mismatch = Arrays.mismatch(bytes[sorted[i - 1]], bytes[sorted[i]]);
      shared[i] = mismatch < 0 ? bytes[sorted[i]].length : mismatch;
    }
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
    BitSet allowed = new BitSet(bytes.length);
    Position[] path = new Position[16]; // [capacity], behind each byte of the token before
    int alive = 0; // bytes of the token before that are possible
    for (int i = 0; i < sorted.length; i++) {
      byte[] token = bytes[sorted[i]];
      if (shared[i] > alive) {
        continue; // it shares the byte at which the one before became impossible
      }
      alive = shared[i];
      if (token.length > path.length) {
        path = Arrays.copyOf(path, token.length * 2);
      }
      while (alive < token.length) {
        Position before = alive == 0 ? position : path[alive - 1];
        Position after = before.after(token[alive] & 0xFF);
        if (after == null) {
          break;
        }
        path[alive++] = after;
      }
      if (alive == token.length) {
        allowed.set(sorted[i]);
      }
    }
    return allowed;
  }
}
