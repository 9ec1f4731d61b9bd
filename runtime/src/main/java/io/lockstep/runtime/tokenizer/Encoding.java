package io.lockstep.runtime.tokenizer;

import java.util.Arrays;

/**
 * The tokens of one row: ids, type ids, and where in the text each token comes from.
 *
 * <p>Offsets count UTF-16 code units of the original string, so that {@code text.substring(start,
 * stop)} is the source of a token; {@link #inCodePoints} converts them for protocols that count
 * characters. A special token of the template has no source: both its offsets are 0.
 */
public final class Encoding {

  /** {@link #sequence} of a token that the template added. */
  public static final int NO_SEQUENCE = -1;

  private final int[] ids; // [tokens]
  private final int[] typeIds; // [tokens]
  private final int[] sequences; // [tokens], 0 or 1 for the first or second text, or NO_SEQUENCE
  private final int[] starts; // [tokens], inclusive
  private final int[] stops; // [tokens], exclusive
  private final boolean truncated;

  /** Takes the arrays over; all have one element per token. */
  Encoding(
      int[] ids, int[] typeIds, int[] sequences, int[] starts, int[] stops, boolean truncated) {
    this.ids = ids;
    this.typeIds = typeIds;
    this.sequences = sequences;
    this.starts = starts;
    this.stops = stops;
    this.truncated = truncated;
  }

  /** Number of tokens. */
  public int length() {
    return ids.length;
  }

  public int id(int token) {
    return ids[token];
  }

  /** The segment that the model is told: 0, and 1 for the second text of a pair. */
  public int typeId(int token) {
    return typeIds[token];
  }

  /** Which text the token comes from, 0 or 1, or {@link #NO_SEQUENCE}. */
  public int sequence(int token) {
    return sequences[token];
  }

  /** Whether the template added the token, as opposed to it standing in the text. */
  public boolean isSpecial(int token) {
    return sequences[token] == NO_SEQUENCE;
  }

  /** Offset of the first code unit, inclusive. */
  public int start(int token) {
    return starts[token];
  }

  /** Offset behind the last code unit. */
  public int stop(int token) {
    return stops[token];
  }

  /** Whether tokens were cut off to fit the length asked for. */
  public boolean truncated() {
    return truncated;
  }

  /** A copy of the ids, [tokens]. */
  public int[] ids() {
    return ids.clone();
  }

  /** A copy of the type ids, [tokens]. */
  public int[] typeIds() {
    return typeIds.clone();
  }

  /**
   * The same encoding with offsets counted in code points of {@code text}, the one text that was
   * encoded. Linear in the text.
   */
  public Encoding inCodePoints(String text) {
    int[] codePoints = new int[text.length() + 1]; // offset in code units -> in code points
    int count = 0;
    for (int unit = 0; unit < text.length(); ) {
      int stop = unit + Character.charCount(text.codePointAt(unit));
      Arrays.fill(codePoints, unit, stop, count++);
      unit = stop;
    }
    codePoints[text.length()] = count;
    return new Encoding(
        ids, typeIds, sequences, mapped(starts, codePoints), mapped(stops, codePoints), truncated);
  }

  private static int[] mapped(int[] offsets, int[] to) {
    return Arrays.stream(offsets).map(offset -> to[offset]).toArray();
  }
}
