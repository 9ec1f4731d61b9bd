package io.lockstep.runtime.tokenizer;

import io.lockstep.runtime.error.InvalidModelException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.text.BreakIterator;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;

/**
 * SentencePiece's compiled normalisation: sequences of characters and what takes their place.
 *
 * <p>Layout: the bytes of the trie as a little-endian number of 32 bits, the units of the trie (a
 * double array of darts-clone, 32 bits each), then the replacements in UTF-8, each ended by a zero
 * byte; the trie's values are offsets of theirs.
 */
final class CharacterMap implements TextNormalizer {

  /*
   * As the reference does: a grapheme of fewer than six bytes is looked up as a whole and replaced
   * as a whole by what the shortest of its beginnings in the trie says; else each of its
   * characters is.
   */
  private static final int LONGEST_WHOLE = 6; // bytes, exclusive
  private static final int NONE = -1;

  private final int[] units; // [units]
  private final byte[] replacements; // [bytes]

  private CharacterMap(int[] units, byte[] replacements) {
    this.units = units;
    this.replacements = replacements;
  }

  static CharacterMap ofBase64(String text) {
    try {
      return of(Base64.getDecoder().decode(text));
    } catch (IllegalArgumentException e) {
      throw new InvalidModelException("tokenizer.json: the character map is no base64", e);
    }
  }

  static CharacterMap of(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int trieBytes = bytes.length < Integer.BYTES ? -1 : in.getInt();
    if (trieBytes < Integer.BYTES || trieBytes % Integer.BYTES != 0 || trieBytes > in.remaining()) {
      throw new InvalidModelException("the tokenizer's character map is damaged");
    }
    int[] units = new int[trieBytes / Integer.BYTES];
    in.asIntBuffer().get(units);
    in.position(in.position() + trieBytes);
    byte[] replacements = new byte[in.remaining()];
    in.get(replacements);
    return new CharacterMap(units, replacements);
  }

  @Override
  public NormalizedText normalize(NormalizedText source) {
    String text = source.text();
    NormalizedText.Builder out = new NormalizedText.Builder(text.length());
    BreakIterator graphemes = BreakIterator.getCharacterInstance(Locale.ROOT);
    graphemes.setText(text);
    int stop;
    for (int start = 0; start < text.length(); start = stop) {
      stop = graphemes.next();
      if (!replaces(source, start, stop, out)) {
        int next;
        for (int at = start; at < stop; at = next) {
          next = at + Character.charCount(text.codePointAt(at));
          if (!replaces(source, at, next, out)) {
            out.add(source, at, next);
          }
        }
      }
    }
    return out.build();
  }

  /** Appends what replaces a range; false when nothing does. */
  private boolean replaces(NormalizedText source, int from, int to, NormalizedText.Builder out) {
    if (to - from >= LONGEST_WHOLE) {
      return false;
    }
    byte[] key = source.text().substring(from, to).getBytes(StandardCharsets.UTF_8);
    int offset = key.length < LONGEST_WHOLE ? shortest(key) : NONE;
    if (offset == NONE || offset >= replacements.length) {
      return false;
    }
    int stop = offset;
    while (stop < replacements.length && replacements[stop] != 0) {
      stop++;
    }
    String text =
        new String(Arrays.copyOfRange(replacements, offset, stop), StandardCharsets.UTF_8);
    out.add(text, source.originalStart(from), source.originalStop(to));
    return true;
  }

  /** The value of the shortest beginning of {@code key} in the trie. */
  private int shortest(byte[] key) {
    int node = offset(units[0]);
    for (byte value : key) {
      int label = value & 0xFF;
      node ^= label;
      if (label == 0 || node >= units.length || (units[node] & (1 << 31 | 0xFF)) != label) {
        return NONE;
      }
      int unit = units[node];
      node ^= offset(unit);
      if (node >= units.length) {
        return NONE;
      }
      if ((unit >>> 8 & 1) != 0) {
        return units[node] & Integer.MAX_VALUE;
      }
    }
    return NONE;
  }

  /** Distance of a unit's children: bits 10 to 30, times 256 if bit 9 says so. */
  private static int offset(int unit) {
    return (unit >>> 10 << ((unit & 1 << 9) >>> 6)) & Integer.MAX_VALUE;
  }
}
