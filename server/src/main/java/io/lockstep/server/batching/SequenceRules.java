package io.lockstep.server.batching;

import io.lockstep.runtime.tensor.Tensor;
import java.time.Duration;
import java.util.List;

/**
 * What sequences of a model carry from step to step, and how many there may be.
 *
 * @param states empty for a model without state
 * @param idleTimeout after which a silent sequence is forgotten
 * @param maxSequences alive at a time, over all instances
 */
public record SequenceRules(List<State> states, Duration idleTimeout, int maxSequences) {

  /** A model without state. */
  public static final SequenceRules NONE = new SequenceRules(List.of(), Duration.ZERO, 0);

  public SequenceRules {
    states = List.copyOf(states);
  }

  /**
   * A tensor that is carried.
   *
   * @param input index of the input that takes it
   * @param output index of the output that gives it
   * @param initial what the first step takes, one row
   */
  public record State(int input, int output, Tensor initial) {}

  public boolean isOutput(int index) {
    return states.stream().anyMatch(state -> state.output() == index);
  }
}
