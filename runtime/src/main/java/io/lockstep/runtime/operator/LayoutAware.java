package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.tensor.Tensor;
import java.util.Optional;
import java.util.function.IntFunction;

/** An operator that works as well on images whose channels are the last axis. */
public interface LayoutAware extends Operator {

  /**
   * The same operator for images with their channels last; empty when these attributes rule it out.
   *
   * @param rank axes of the images, batch and channels included
   */
  Optional<Operator> channelsLast(int rank);

  /** Whether an input is an image, or broadcasts to one, rather than a parameter. */
  default boolean isImage(int input) {
    return input == 0;
  }

  /**
   * The rank of the images when the operator runs on its best kernel with their channels last only;
   * 0 when it takes them as they come.
   *
   * @param constant the value of an input that is known at load
   */
  default int wantedRank(IntFunction<Optional<Tensor>> constant) {
    return 0;
  }
}
