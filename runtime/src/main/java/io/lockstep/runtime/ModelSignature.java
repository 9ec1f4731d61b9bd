package io.lockstep.runtime;

import java.util.List;

/** What a model takes and what it answers. */
public record ModelSignature(List<TensorSpec> inputs, List<TensorSpec> outputs) {

  public ModelSignature {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
  }

  /** The index of the input with this name, or -1. */
  public int inputIndex(String name) {
    return indexOf(inputs, name);
  }

  /** The index of the output with this name, or -1. */
  public int outputIndex(String name) {
    return indexOf(outputs, name);
  }

  private static int indexOf(List<TensorSpec> specs, String name) {
    for (int i = 0; i < specs.size(); i++) {
      if (specs.get(i).name().equals(name)) {
        return i;
      }
    }
    return -1;
  }
}
