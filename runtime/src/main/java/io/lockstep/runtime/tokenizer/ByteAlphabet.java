package io.lockstep.runtime.tokenizer;

import java.util.Arrays;

/**
 * The printable character that stands for each byte in the vocabularies of byte-level tokenizers:
 * printable Latin-1 characters for themselves, the other 68 bytes as U+0100 and following in their
 * order (published with GPT-2).
 */
public final class ByteAlphabet {

  private static final int FIRST_SUBSTITUTE = 0x100;
  private static final char[] CHARACTERS = characters(); // [256], by byte
  private static final short[] BYTES = bytes(); // [324], by character; -1 for none

  private ByteAlphabet() {}

  /** The character of a byte, 0 to 255. */
  public static char character(int value) {
    return CHARACTERS[value];
  }

  /** The byte that a character stands for, 0 to 255; -1 when it stands for none. */
  static int value(char character) {
    return character < BYTES.length ? BYTES[character] : -1;
  }

  private static boolean isPrintable(int value) {
    return (value > ' ' && value < 0x7F) || (value > 0xA0 && value != 0xAD);
  }

  private static char[] characters() {
    char[] characters = new char[256];
    char substitute = FIRST_SUBSTITUTE;
    for (int value = 0; value < 256; value++) {
      characters[value] = isPrintable(value) ? (char) value : substitute++;
    }
    return characters;
  }

  private static short[] bytes() {
    short[] bytes = new short[FIRST_SUBSTITUTE + 68];
    Arrays.fill(bytes, (short) -1);
    for (int value = 0; value < 256; value++) {
      bytes[CHARACTERS[value]] = (short) value;
    }
    return bytes;
  }
}
