package io.lockstep.runtime.grammar;

import io.lockstep.runtime.error.InvalidInputException;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How far a generated text has come in its grammar. There is always a way on: a token, or the end.
 * For one thread.
 */
public final class GrammarState {

  /** Positions remembered before they are forgotten; nesting makes new ones without end. */
  private static final int MAX_KNOWN = 4096;

  private final Network network;
  private final GrammarVocabulary vocabulary;
  private final Map<Position, BitSet> masks = new HashMap<>();
  private Position position;

  GrammarState(Network network, GrammarVocabulary vocabulary) {
    this.network = network;
    this.vocabulary = vocabulary;
    position = Position.first(network);
  }

  /** The ids that may come next, without those that end a text; not to be changed. */
  public BitSet mask() {
    return masks.computeIfAbsent(position, vocabulary::allowed);
  }

  /** Whether the text may end here; only then may a token that ends it be chosen. */
  public boolean isComplete() {
    return position.isComplete();
  }

  /** Whether the text must end here. */
  public boolean isOver() {
    return position.isOver();
  }

  /**
   * Appends a token that {@link #mask} allows.
   *
   * @throws InvalidInputException for another one
   */
  public void accept(int id) {
    byte[] bytes = id < 0 || id >= vocabulary.size() ? new byte[0] : vocabulary.bytes(id);
    @Nullable Position at = bytes.length == 0 ? null : position;
    for (int i = 0; i < bytes.length && at != null; i++) {
      at = at.after(bytes[i] & 0xFF);
    }
    if (at == null) {
      throw new InvalidInputException("token " + id + " does not follow the grammar");
    }
    position = at;
    if (position.known() > MAX_KNOWN) {
      masks.clear();
      position = position.forgetting(network);
    }
  }
}
