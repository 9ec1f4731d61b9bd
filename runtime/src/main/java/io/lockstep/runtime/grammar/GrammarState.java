package io.lockstep.runtime.grammar;

import io.lockstep.runtime.error.InvalidInputException;
import java.util.BitSet;

/**
 * How far a generated text has come in its grammar. There is always a way on: a token, or the end.
 * For one thread.
 */
public final class GrammarState {

  private final GrammarMasks masks;
  private Position position;

  GrammarState(GrammarMasks masks) {
    this.masks = masks;
    position = masks.first();
  }

  /** The ids that may come next, without those that end a text; not to be changed. */
  public BitSet mask() {
    return masks.mask(position);
  }

  /** Whether the text may end here; only then may a token that ends it be chosen. */
  public boolean isComplete() {
    return position.isComplete();
  }

  /** Whether the text must end here. */
  public boolean isOver() {
    return position.isOver();
  }

  /** Whether a token may come next, which {@link #mask} says of all at once. */
  boolean allows(int id) {
    return masks.after(position, id) != null;
  }

  /**
   * Appends a token that {@link #mask} allows.
   *
   * @throws InvalidInputException for another one
   */
  public void accept(int id) {
    Position after = masks.after(position, id);
    if (after == null) {
      throw new InvalidInputException("token " + id + " does not follow the grammar");
    }
    position = after;
  }
}
