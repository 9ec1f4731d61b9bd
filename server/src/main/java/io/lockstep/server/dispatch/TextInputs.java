package io.lockstep.server.dispatch;

import io.lockstep.runtime.ModelSignature;
import io.lockstep.runtime.TensorSpec;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import io.lockstep.server.serving.NamedTensor;
import io.lockstep.server.serving.TensorMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Writes the tokens of one text into the inputs of a model, each [1, tokens]. */
final class TextInputs {

  private final ModelSignature signature;

  TextInputs(ModelSignature signature) {
    this.signature = signature;
  }

  /**
   * The inputs for one text: ids, a mask of ones, the segments and the positions, as far as the
   * model takes them.
   *
   * @param ids [tokens]
   * @param typeIds [tokens]
   */
  List<NamedTensor> of(int[] ids, int[] typeIds, TensorMemory memory) {
    List<NamedTensor> inputs = new ArrayList<>();
    for (TensorSpec spec : signature.inputs()) {
      Tensor tensor = memory.allocate(new TensorType(spec.dtype(), Shape.of(1, ids.length)));
      String name = spec.name().toLowerCase(Locale.ROOT);
      for (int i = 0; i < ids.length; i++) {
        long value =
            name.contains("mask")
                ? 1
                : name.contains("type") || name.contains("segment")
                    ? typeIds[i]
                    : name.contains("position") ? i : ids[i];
        tensor.setFromLong(i, value);
      }
      inputs.add(new NamedTensor(spec.name(), tensor));
    }
    return inputs;
  }
}
