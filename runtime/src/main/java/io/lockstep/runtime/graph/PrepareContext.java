package io.lockstep.runtime.graph;

import io.lockstep.runtime.kernel.KernelSet;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorArena;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** What an operator may use while it chooses its kernel. */
public interface PrepareContext {

  KernelSet kernels();

  /**
   * A constant input in the form that a kernel wants, made once for the model and shared by all its
   * plans. The original's memory is given back when every user of it has taken a packed form.
   *
   * @param input which input; its value must be known
   * @param form names the layout, so that two operators that want the same share one copy
   * @param pack makes the form; what it allocates belongs to the given arena, the model's
   */
  <T> T packed(int input, String form, Packer<T> pack);

  /** Makes a packed form of a constant. */
  @FunctionalInterface
  interface Packer<T> {
    T pack(Tensor constant, TensorArena owner);
  }

  /** A value computed once for the model from no constant, such as a table. */
  <T> T shared(String key, Function<TensorArena, T> make);

  /**
   * What each axis of an input means for batching; empty where it could not be traced, so that a
   * statistic over the tensor cannot be taken per item.
   */
  Optional<List<AxisRole>> axisRoles(int input);
}
