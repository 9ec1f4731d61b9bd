package io.lockstep.runtime.tokenizer;

/**
 * The longest encoding wanted, special tokens included, and which tokens to give up for it.
 *
 * @param maxLength tokens, at least 1
 * @param side where tokens are cut off
 * @param strategy which text of a pair is cut; a single text is always cut itself
 */
public record Truncation(int maxLength, Side side, Strategy strategy) {

  /** Nothing is ever cut. */
  public static final Truncation NONE =
      new Truncation(Integer.MAX_VALUE, Side.RIGHT, Strategy.LONGEST_FIRST);

  /** The end of the text that loses tokens. */
  public enum Side {
    LEFT,
    RIGHT
  }

  /** Which text of a pair loses tokens. */
  public enum Strategy {
    LONGEST_FIRST,
    ONLY_FIRST,
    ONLY_SECOND
  }

  public Truncation {
    if (maxLength < 1) {
      throw new IllegalArgumentException("max_length must be >= 1 but is " + maxLength);
    }
  }

  public Truncation withMaxLength(int tokens) {
    return new Truncation(tokens, side, strategy);
  }

  public Truncation withSide(Side wanted) {
    return new Truncation(maxLength, wanted, strategy);
  }
}
