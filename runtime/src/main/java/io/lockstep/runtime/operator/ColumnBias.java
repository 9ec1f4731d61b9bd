package io.lockstep.runtime.operator;

import io.lockstep.runtime.kernel.Activation;
import io.lockstep.runtime.kernel.Epilogue;
import io.lockstep.runtime.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The epilogue of a matrix product whose bias comes with the run: made anew only when another
 * tensor comes, which a plan's steps never see.
 */
final class ColumnBias {

  private final Activation activation;
  private Epilogue latest;

  ColumnBias(Activation activation) {
    this.activation = activation;
    this.latest = Epilogue.of(null, activation);
  }

  /**
   * The epilogue with this bias.
   *
   * @param bias float [n], or null for none
   */
  Epilogue with(@Nullable Tensor bias) {
    MemorySegment segment = bias == null ? null : bias.segment();
    if (!Objects.equals(segment, latest.bias())) {
      latest = Epilogue.of(segment, activation);
    }
    return latest;
  }
}
