package io.lockstep.runtime.tokenizer;

import java.io.ByteArrayOutputStream;

/** UTF-8 of any string: a lone surrogate becomes U+FFFD instead of the JDK's question mark. */
final class Utf8 {

  private static final int REPLACEMENT = 0xFFFD;

  private Utf8() {}

  /** Number of bytes of a code point, 1 to 4. */
  static int length(int codePoint) {
    if (codePoint < 0x80) {
      return 1;
    }
    if (codePoint < 0x800) {
      return 2;
    }
    return codePoint < 0x10000 ? 3 : 4;
  }

  /** The byte at {@code index} of a code point's encoding, 0 to 255. */
  static int byteAt(int codePoint, int index) {
    int encoded = isSurrogate(codePoint) ? REPLACEMENT : codePoint;
    int length = length(encoded);
    if (length == 1) {
      return encoded;
    }
    if (index > 0) {
      return 0x80 | ((encoded >>> (6 * (length - 1 - index))) & 0x3F);
    }
    int lead = 0xF0 << (4 - length) & 0xFF; // 110xxxxx, 1110xxxx, 11110xxx
    return lead | encoded >>> (6 * (length - 1));
  }

  static void append(int codePoint, ByteArrayOutputStream out) {
    for (int i = 0; i < length(codePoint); i++) {
      out.write(byteAt(codePoint, i));
    }
  }

  static void append(String text, ByteArrayOutputStream out) {
    for (int i = 0; i < text.length(); ) {
      int codePoint = text.codePointAt(i);
      append(codePoint, out);
      i += Character.charCount(codePoint);
    }
  }

  /**
   * Whether bytes {@code from} to {@code to} are a proper beginning of a character, so that more
   * bytes can complete it (RFC 3629, section 4: no overlong forms, surrogates or code points above
   * U+10FFFF). The byte at {@code from} is at least 0xC0.
   */
  static boolean mayGrow(byte[] bytes, int from, int to) {
    int lead = bytes[from] & 0xFF;
    if (lead < 0xC2 || lead > 0xF4) {
      return false;
    }
    int length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (to - from >= length) {
      return false;
    }
    if (to - from == 1) {
      return true;
    }
    int second = bytes[from + 1] & 0xFF;
    return switch (lead) {
      case 0xE0 -> second >= 0xA0;
      case 0xED -> second < 0xA0;
      case 0xF0 -> second >= 0x90;
      case 0xF4 -> second < 0x90;
      default -> true;
    };
  }

  private static boolean isSurrogate(int codePoint) {
    return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
  }
}
