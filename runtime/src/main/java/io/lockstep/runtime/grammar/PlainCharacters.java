package io.lockstep.runtime.grammar;

import org.jspecify.annotations.Nullable;

/** The characters that may stand in a JSON string as they are, by the bytes of their UTF-8. */
final class PlainCharacters {

  /** Rows of lowest and highest first byte, second byte, and of how many bytes there are. */
  private static final int[][] ROWS = {
    {0x20, 0x21, 0, 0, 1},
    {0x23, 0x5B, 0, 0, 1},
    {0x5D, 0x7F, 0, 0, 1},
    {0xC2, 0xDF, 0x80, 0xBF, 2},
    {0xE0, 0xE0, 0xA0, 0xBF, 3},
    {0xE1, 0xEC, 0x80, 0xBF, 3},
    {0xED, 0xED, 0x80, 0x9F, 3},
    {0xEE, 0xEF, 0x80, 0xBF, 3},
    {0xF0, 0xF0, 0x90, 0xBF, 4},
    {0xF1, 0xF3, 0x80, 0xBF, 4},
    {0xF4, 0xF4, 0x80, 0x8F, 4},
  };

  private PlainCharacters() {}

  /** Whether all of them lead from a position to the same one, or none leads anywhere. */
  static boolean leadToOne(Position position) {
    @Nullable Position target = position.after('a');
    for (int[] row : ROWS) {
      @Nullable Position checked = null;
      for (int first = row[0]; first <= row[1]; first++) {
        @Nullable Position after = position.after(first);
        if (row[4] == 1 || after == null) {
          if (after != target) {
            return false;
          }
        } else if (after != checked) {
          checked = after;
          if (target == null || !leads(after, row[2], row[3], row[4] - 1, target)) {
            return false;
          }
        }
      }
    }
    return true;
  }

  /** Whether all further bytes, the first of them from {@code low} to {@code high}, lead there. */
  private static boolean leads(Position from, int low, int high, int bytes, Position target) {
    @Nullable Position checked = null;
    for (int value = low; value <= high; value++) {
      @Nullable Position after = from.after(value);
      if (after == null) {
        return false;
      }
      if (bytes == 1
          ? after != target
          : after != checked && !leads(after, 0x80, 0xBF, bytes - 1, target)) {
        return false;
      }
      checked = after;
    }
    return true;
  }
}
