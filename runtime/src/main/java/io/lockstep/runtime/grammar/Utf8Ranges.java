package io.lockstep.runtime.grammar;

import java.util.function.Consumer;

/** Ranges of code points as ranges of the bytes of their UTF-8. */
final class Utf8Ranges {

  /** Last code points of one, two, three and four bytes. */
  private static final int[] LAST = {0x7F, 0x7FF, 0xFFFF, 0x10FFFF};

  private Utf8Ranges() {}

  /**
   * Calls {@code action} with rows of (lowest, highest) byte pairs which together cover code points
   * {@code low} to {@code high}, without surrogates.
   */
  static void forEach(int low, int high, Consumer<int[]> action) {
    if (low > high) {
      return;
    }
    if (low < Character.MIN_SURROGATE && high >= Character.MIN_SURROGATE) {
      forEach(low, Character.MIN_SURROGATE - 1, action);
      forEach(Character.MAX_SURROGATE + 1, high, action);
      return;
    }
    int bytes = 1;
    while (low > LAST[bytes - 1]) {
      bytes++;
    }
    if (high > LAST[bytes - 1]) {
      forEach(low, LAST[bytes - 1], action);
      forEach(LAST[bytes - 1] + 1, high, action);
      return;
    }
    for (int continuation = 1; continuation < bytes; continuation++) {
      int mask = (1 << (6 * continuation)) - 1;
      if ((low & ~mask) != (high & ~mask)) {
        if ((low & mask) != 0) {
          forEach(low, low | mask, action);
          forEach((low | mask) + 1, high, action);
          return;
        }
        if ((high & mask) != mask) {
          forEach(low, (high & ~mask) - 1, action);
          forEach(high & ~mask, high, action);
          return;
        }
      }
    }
    int[] bounds = new int[2 * bytes];
    for (int i = 0; i < bytes; i++) {
      bounds[2 * i] = byteAt(low, i, bytes);
      bounds[2 * i + 1] = byteAt(high, i, bytes);
    }
    action.accept(bounds);
  }

  private static int byteAt(int codePoint, int index, int bytes) {
    int bits = codePoint >>> (6 * (bytes - 1 - index));
    if (index > 0) {
      return 0x80 | (bits & 0x3F);
    }
    return switch (bytes) {
      case 1 -> bits;
      case 2 -> 0xC0 | bits;
      case 3 -> 0xE0 | bits;
      default -> 0xF0 | bits;
    };
  }
}
