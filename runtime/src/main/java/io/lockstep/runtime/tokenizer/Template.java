package io.lockstep.runtime.tokenizer;

import io.lockstep.runtime.error.InvalidInputException;
import java.util.List;

/**
 * What a finished row looks like: special tokens and texts in order ({@code TemplateProcessing}).
 *
 * @param single for one text
 * @param pair for two
 * @param trimsOffsets whether white space at the ends of a token counts as not its own
 */
record Template(List<Piece> single, List<Piece> pair, boolean trimsOffsets) {

  /** No special tokens; the second text has type id 1. */
  static final Template BARE =
      new Template(List.of(Piece.text(0, 0)), List.of(Piece.text(0, 0), Piece.text(1, 1)), false);

  /**
   * A text or a special token.
   *
   * @param sequence 0 or 1 for the first or second text, {@link Encoding#NO_SEQUENCE} for a token
   * @param id of the special token; unused for a text
   * @param typeId given to the token or to the text's tokens
   */
  record Piece(int sequence, int id, int typeId) {

    static Piece text(int sequence, int typeId) {
      return new Piece(sequence, 0, typeId);
    }

    static Piece special(int id, int typeId) {
      return new Piece(Encoding.NO_SEQUENCE, id, typeId);
    }

    boolean isSpecial() {
      return sequence == Encoding.NO_SEQUENCE;
    }
  }

  Template {
    single = List.copyOf(single);
    pair = List.copyOf(pair);
  }

  Template trimmingOffsets(boolean wanted) {
    return new Template(single, pair, wanted);
  }

  /** Cuts {@code texts} (one or two) to the length asked for and lays them out. */
  Encoding layOut(List<TokenBuffer> texts, EncodeOptions options) {
    List<Piece> pieces = texts.size() == 1 ? single : pair;
    if (!options.addSpecialTokens()) {
      pieces = pieces.stream().filter(piece -> !piece.isSpecial()).toList();
    }
    int specials = (int) pieces.stream().filter(Piece::isSpecial).count();
    boolean truncated = truncate(texts, specials, options.truncation());
    int length = specials + texts.stream().mapToInt(TokenBuffer::length).sum();
    int[] ids = new int[length];
    int[] typeIds = new int[length];
    int[] sequences = new int[length];
    int[] starts = new int[length];
    int[] stops = new int[length];
    int at = 0;
    for (Piece piece : pieces) {
      int count = piece.isSpecial() ? 1 : texts.get(piece.sequence()).length();
      for (int token = 0; token < count; token++, at++) {
        typeIds[at] = piece.typeId();
        sequences[at] = piece.sequence();
        if (piece.isSpecial()) {
          ids[at] = piece.id();
        } else {
          TokenBuffer text = texts.get(piece.sequence());
          ids[at] = text.id(token);
          starts[at] = text.start(token);
          stops[at] = text.stop(token);
        }
      }
    }
    return new Encoding(ids, typeIds, sequences, starts, stops, truncated);
  }

  private static boolean truncate(List<TokenBuffer> texts, int specials, Truncation truncation) {
    int room = truncation.maxLength() - specials;
    int total = texts.stream().mapToInt(TokenBuffer::length).sum();
    if (total <= room) {
      return false;
    }
    if (room < 0) {
      throw new InvalidInputException(
          "max_length %d leaves no room for the %d special tokens"
              .formatted(truncation.maxLength(), specials));
    }
    Truncation.Side side = truncation.side();
    if (texts.size() == 1) {
      return texts.getFirst().keep(room, side);
    }
    TokenBuffer first = texts.get(0);
    TokenBuffer second = texts.get(1);
    switch (truncation.strategy()) {
      case LONGEST_FIRST -> cutLongest(first, second, room, side);
      case ONLY_FIRST -> cutOnly(first, "first", room - second.length(), side);
      case ONLY_SECOND -> cutOnly(second, "second", room - first.length(), side);
    }
    return true;
  }

  /** The longer text gives way until both are equal; then they share, the longer one the rest. */
  private static void cutLongest(
      TokenBuffer first, TokenBuffer second, int room, Truncation.Side side) {
    boolean firstIsLonger = first.length() > second.length();
    TokenBuffer shorter = firstIsLonger ? second : first;
    TokenBuffer longer = firstIsLonger ? first : second;
    int kept = Math.min(shorter.length(), room / 2);
    shorter.keep(kept, side);
    longer.keep(room - kept, side);
  }

  private static void cutOnly(TokenBuffer text, String name, int room, Truncation.Side side) {
    if (room < 0) {
      throw new InvalidInputException(
          "cutting only the %s text (%d tokens) cannot reach the length asked for"
              .formatted(name, text.length()));
    }
    text.keep(room, side);
  }
}
