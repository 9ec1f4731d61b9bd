package io.lockstep.runtime;

import io.lockstep.runtime.tensor.DType;
import java.util.List;

/**
 * An input or output of a model.
 *
 * @param dimensions the axes, outermost first
 */
public record TensorSpec(String name, DType dtype, List<Dimension> dimensions) {

  public TensorSpec {
    dimensions = List.copyOf(dimensions);
  }

  /**
   * The extents with -1 for those that a run chooses, as the Open Inference Protocol writes them.
   */
  public long[] extents() {
    return dimensions.stream().mapToLong(Dimension::extent).toArray();
  }
}
