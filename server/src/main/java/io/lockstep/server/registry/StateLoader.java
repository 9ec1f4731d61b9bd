package io.lockstep.server.registry;

import io.lockstep.runtime.BatchTraits;
import io.lockstep.runtime.Dimension;
import io.lockstep.runtime.ModelSignature;
import io.lockstep.runtime.TensorSpec;
import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import io.lockstep.runtime.tensor.Tensors;
import io.lockstep.server.batching.SequenceRules.State;
import io.lockstep.server.config.ModelConfig;
import io.lockstep.server.serving.StateTraits.Pair;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** What a model carries from step to step: as its model.yaml says, or as its signature shows. */
final class StateLoader {

  private final ModelSignature signature;
  private final BatchTraits traits;
  private final StateFinder finder;
  private final long maxBytes;

  /**
   * A loader.
   *
   * @param maxBytes of any state, as of any tensor of a request
   */
  StateLoader(ModelSignature signature, BatchTraits traits, long maxBytes) {
    this.signature = signature;
    this.traits = traits;
    this.finder = new StateFinder(signature, traits);
    this.maxBytes = maxBytes;
  }

  /** States that the signature shows; they begin with zeros. */
  List<State> found() {
    List<State> states = new ArrayList<>();
    for (Pair pair : finder.find()) {
      int input = signature.inputIndex(pair.input());
      TensorType type = initialType(input);
      if (type.bytes() <= maxBytes) {
        states.add(new State(input, signature.outputIndex(pair.output()), Tensors.zeros(type)));
      }
    }
    return states;
  }

  /**
   * States that a model.yaml names.
   *
   * @param file finds a file beside the model
   */
  List<State> configured(
      List<ModelConfig.State> configured, Function<String, Optional<Path>> file) {
    List<State> states = new ArrayList<>();
    Set<String> taken = new HashSet<>();
    for (ModelConfig.State state : configured) {
      int input = signature.inputIndex(state.input());
      int output = signature.outputIndex(state.output());
      if (input < 0 || output < 0) {
        throw new InvalidModelException(
            "state: the model has no %s '%s'"
                .formatted(
                    input < 0 ? "input" : "output", input < 0 ? state.input() : state.output()));
      }
      if (!taken.add("in " + state.input()) || !taken.add("out " + state.output())) {
        throw new InvalidModelException(
            "state: input '%s' or output '%s' is named twice"
                .formatted(state.input(), state.output()));
      }
      String misfit = finder.misfit(input, output);
      if (!misfit.isEmpty()) {
        throw new InvalidModelException("state: " + misfit);
      }
      states.add(new State(input, output, initial(state, initialType(input), file)));
    }
    return states;
  }

  /** One row; an axis that a request may choose is empty at first and grows from step to step. */
  private TensorType initialType(int input) {
    TensorSpec spec = signature.inputs().get(input);
    int batchAxis = traits.inputs().get(input).batchAxis();
    int[] extents = new int[spec.dimensions().size()];
    for (int axis = 0; axis < extents.length; axis++) {
      Dimension dimension = spec.dimensions().get(axis);
      extents[axis] = dimension.isFixed() ? dimension.extent() : axis == batchAxis ? 1 : 0;
    }
    return new TensorType(spec.dtype(), Shape.of(extents));
  }

  private Tensor initial(
      ModelConfig.State state, TensorType type, Function<String, Optional<Path>> file) {
    if (type.bytes() > maxBytes) {
      throw new InvalidModelException(
          "state: input '%s' takes %d bytes, more than the %d that a tensor may have"
              .formatted(state.input(), type.bytes(), maxBytes));
    }
    if (state.initial().equals(ModelConfig.State.ZEROS)) {
      return Tensors.zeros(type);
    }
    Path path =
        file.apply(state.initial())
            .orElseThrow(() ->
                new InvalidModelException(
                    "state: there is no file '" + state.initial() + "' beside the model"));
    try {
      long size = Files.size(path);
      if (size != type.bytes()) {
        throw new InvalidModelException(
            "state: file '%s' has %d bytes but one row of input '%s' is %s, which takes %d"
                .formatted(state.initial(), size, state.input(), type, type.bytes()));
      }
      return Tensor.of(type, MemorySegment.ofArray(Files.readAllBytes(path)));
    } catch (IOException problem) {
      throw new InvalidModelException(
          "state: cannot read the file '" + state.initial() + "'", problem);
    }
  }
}
