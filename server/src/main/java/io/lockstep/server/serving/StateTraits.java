package io.lockstep.server.serving;

import java.time.Duration;
import java.util.List;

/**
 * What a model carries from one step of a sequence to the next, as the protocols describe it.
 *
 * @param tensors empty for a model without state
 * @param idleTimeout after which a silent sequence is forgotten
 * @param maxSequences that may be alive at a time
 */
public record StateTraits(List<Pair> tensors, Duration idleTimeout, int maxSequences) {

  /** A model without state. */
  public static final StateTraits NONE = new StateTraits(List.of(), Duration.ZERO, 0);

  public StateTraits {
    tensors = List.copyOf(tensors);
  }

  /** The input that takes what the output gave in the step before. */
  public record Pair(String input, String output) {}

  public boolean hasOutput(String name) {
    return tensors.stream().anyMatch(pair -> pair.output().equals(name));
  }
}
