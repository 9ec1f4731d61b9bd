package io.lockstep.server.serving;

/**
 * The name that a client gives to a sequence: a number of 64 bits, or a text. The number 7 and the
 * text "7" are two.
 *
 * @param text the digits of a number, or the text
 */
public record SequenceId(String text, boolean isNumber) {

  /** The most characters of a text. */
  public static final int MAX_LENGTH = 128;

  public static SequenceId of(long unsigned) {
    return new SequenceId(Long.toUnsignedString(unsigned), true);
  }

  public static SequenceId of(String text) {
    return new SequenceId(text, false);
  }

  /** As messages show it. */
  @Override
  public String toString() {
    return isNumber ? text : '\'' + text + '\'';
  }
}
