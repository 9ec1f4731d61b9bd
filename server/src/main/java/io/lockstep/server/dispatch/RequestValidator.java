package io.lockstep.server.dispatch;

import io.lockstep.runtime.BatchTraits;
import io.lockstep.runtime.BatchTraits.Axes;
import io.lockstep.runtime.BatchTraits.Mode;
import io.lockstep.runtime.Dimension;
import io.lockstep.runtime.ModelSignature;
import io.lockstep.runtime.TensorSpec;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.server.batching.SequenceRules;
import io.lockstep.server.serving.ErrorCode;
import io.lockstep.server.serving.NamedTensor;
import io.lockstep.server.serving.SequenceControl;
import io.lockstep.server.serving.ServingException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Compares requests with a model's signature, so that what reaches the queue can be run. */
final class RequestValidator {

  /** The extent of a named axis, in the first input that has it. */
  private record Extent(int value, String input) {}

  private final ModelSignature signature;
  private final BatchTraits traits;
  private final SequenceRules sequences;
  private final long maxTensorBytes;

  RequestValidator(
      ModelSignature signature, BatchTraits traits, SequenceRules sequences, long maxTensorBytes) {
    this.signature = signature;
    this.traits = traits;
    this.sequences = sequences;
    this.maxTensorBytes = maxTensorBytes;
  }

  /**
   * The inputs in the signature's order. Of a step of a sequence, states that it does not give are
   * those that a sequence begins with.
   *
   * @param step null for a request on its own
   */
  List<Tensor> inputs(List<NamedTensor> given, @Nullable SequenceControl step) {
    if (step != null && sequences.states().isEmpty()) {
      throw ServingException.invalid(
          "the model keeps no state between requests, so that it has no sequences");
    }
    Map<String, Tensor> byName = new HashMap<>();
    for (NamedTensor input : given) {
      if (signature.inputIndex(input.name()) < 0) {
        throw ServingException.invalid(
            "the model has no input '%s'; it takes %s"
                .formatted(input.name(), names(signature.inputs())));
      }
      if (byName.put(input.name(), input.tensor()) != null) {
        throw ServingException.invalid("input '%s' is given twice".formatted(input.name()));
      }
    }
    List<Tensor> inputs = new ArrayList<>();
    Map<String, Extent> symbols = new HashMap<>();
    for (TensorSpec spec : signature.inputs()) {
      Tensor tensor = byName.get(spec.name());
      Tensor initial = step == null ? null : initial(inputs.size());
      if (tensor == null && initial != null) {
        inputs.add(initial);
        continue;
      }
      if (tensor == null) {
        throw ServingException.invalid(
            "input '%s' is missing; the model takes %s"
                .formatted(spec.name(), names(signature.inputs())));
      }
      checkType(spec, tensor);
      checkShape(spec, tensor.shape());
      checkSymbols(spec, tensor.shape(), symbols);
      if (step != null) {
        checkStep(spec, tensor, inputs.size(), step);
      }
      inputs.add(tensor);
    }
    checkAxes(inputs);
    return inputs;
  }

  private @Nullable Tensor initial(int input) {
    return sequences.states().stream()
        .filter(state -> state.input() == input)
        .map(SequenceRules.State::initial)
        .findFirst()
        .orElse(null);
  }

  private void checkStep(TensorSpec spec, Tensor tensor, int input, SequenceControl step) {
    int axis = batchAxis(input);
    if (axis >= 0 && tensor.shape().extent(axis) != 1) {
      throw ServingException.invalid(
          "a step of a sequence has one row but input '%s' holds %d"
              .formatted(spec.name(), tensor.shape().extent(axis)));
    }
    if (initial(input) != null && !step.start()) {
      throw ServingException.invalid(
          "input '%s' is kept by the server for sequence %s; only a request with sequence_start may give it"
              .formatted(spec.name(), step.id()));
    }
  }

  /**
   * Indexes of the outputs wanted, in the order wanted; all when none is named, but those that a
   * sequence keeps.
   */
  List<Integer> outputs(List<String> wanted, boolean isStep) {
    List<Integer> indexes = new ArrayList<>();
    for (String name : wanted) {
      int index = signature.outputIndex(name);
      if (index < 0) {
        throw ServingException.invalid(
            "the model has no output '%s'; it gives %s"
                .formatted(name, names(signature.outputs())));
      }
      if (indexes.contains(index)) {
        throw ServingException.invalid("output '%s' is asked for twice".formatted(name));
      }
      indexes.add(index);
    }
    for (int i = 0; wanted.isEmpty() && i < signature.outputs().size(); i++) {
      if (!isStep || !sequences.isOutput(i)) {
        indexes.add(i);
      }
    }
    return indexes;
  }

  private void checkType(TensorSpec spec, Tensor tensor) {
    if (tensor.dtype() != spec.dtype()) {
      throw ServingException.invalid(
          "input '%s': expected %s but got %s"
              .formatted(spec.name(), spec.dtype(), tensor.dtype()));
    }
    if (tensor.type().bytes() > maxTensorBytes) {
      throw new ServingException(
          ErrorCode.PAYLOAD_TOO_LARGE,
          "input '%s' has %d bytes, more than the %d that a tensor may have"
              .formatted(spec.name(), tensor.type().bytes(), maxTensorBytes));
    }
  }

  private static void checkShape(TensorSpec spec, Shape shape) {
    List<Dimension> expected = spec.dimensions();
    boolean fits = shape.rank() == expected.size();
    for (int axis = 0; fits && axis < expected.size(); axis++) {
      fits = !expected.get(axis).isFixed() || expected.get(axis).extent() == shape.extent(axis);
    }
    if (fits) {
      return;
    }
    String hint = "";
    if (shape.rank() == expected.size()
        && shape.rank() > 0
        && expected.getFirst().extent() == 1
        && shape.extent(0) > 1) {
      hint = "; the model takes one item at a time";
    } else if (shape.rank() == expected.size() - 1) {
      hint = "; is the batch axis missing?";
    }
    throw ServingException.invalid(
        "input '%s': expected shape %s but got %s%s"
            .formatted(spec.name(), shown(expected), shape, hint));
  }

  /** Axes of one name have one extent, in whatever input they are. */
  private static void checkSymbols(TensorSpec spec, Shape shape, Map<String, Extent> symbols) {
    for (int axis = 0; axis < shape.rank(); axis++) {
      String symbol = spec.dimensions().get(axis).symbol();
      if (symbol == null) {
        continue;
      }
      int extent = shape.extent(axis);
      Extent known = symbols.putIfAbsent(symbol, new Extent(extent, spec.name()));
      if (known != null && known.value() != extent) {
        throw ServingException.invalid(
            "input '%s': axis '%s' has extent %d but it is %d in input '%s'"
                .formatted(spec.name(), symbol, extent, known.value(), known.input()));
      }
    }
  }

  /** All inputs have the same number of items, and the same length where lengths are padded. */
  private void checkAxes(List<Tensor> inputs) {
    int batchOf = -1;
    int lengthOf = -1;
    for (int i = 0; i < inputs.size(); i++) {
      Axes axes = traits.inputs().get(i);
      if (axes.batchAxis() >= 0) {
        batchOf = batchOf < 0 ? i : batchOf;
        int items = inputs.get(i).shape().extent(axes.batchAxis());
        int expected = inputs.get(batchOf).shape().extent(batchAxis(batchOf));
        if (items < 1) {
          throw ServingException.invalid(
              "input '%s' holds no items: shape %s".formatted(name(i), inputs.get(i).shape()));
        }
        if (items != expected) {
          throw ServingException.invalid(
              "input '%s' holds %d items but input '%s' holds %d"
                  .formatted(name(i), items, name(batchOf), expected));
        }
      }
      if (axes.lengthAxis() >= 0 && traits.mode() == Mode.PADDED) {
        lengthOf = lengthOf < 0 ? i : lengthOf;
        int length = inputs.get(i).shape().extent(axes.lengthAxis());
        int expected =
            inputs.get(lengthOf).shape().extent(traits.inputs().get(lengthOf).lengthAxis());
        if (length != expected) {
          throw ServingException.invalid(
              "input '%s' has length %d but input '%s' has %d"
                  .formatted(name(i), length, name(lengthOf), expected));
        }
      }
    }
  }

  private int batchAxis(int input) {
    return traits.inputs().get(input).batchAxis();
  }

  private String name(int input) {
    return signature.inputs().get(input).name();
  }

  private static String names(List<TensorSpec> specs) {
    return specs.stream()
        .map(spec -> "'" + spec.name() + "' " + spec.dtype() + shown(spec.dimensions()))
        .collect(Collectors.joining(", "));
  }

  private static String shown(List<Dimension> dimensions) {
    return dimensions.stream().map(Dimension::toString).collect(Collectors.joining(",", "[", "]"));
  }
}
