package io.lockstep.runtime;

import io.lockstep.runtime.BatchTraits.Axes;
import io.lockstep.runtime.BatchTraits.Mode;
import io.lockstep.runtime.graph.AxisRole;
import io.lockstep.runtime.graph.Graph;
import io.lockstep.runtime.graph.Value;
import io.lockstep.runtime.plan.AxisTracer;
import io.lockstep.runtime.plan.AxisTracer.Traced;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds out from a model's signature and graph how requests may share a run: which axis counts
 * items, which one counts positions, and what the outputs make of both.
 */
final class BatchAnalysis {

  /** Extents to try for axes that are neither batch nor length, such as an image's height. */
  private static final int[] OTHER_EXTENTS = {64, 32, 224, 48, 320, 1, 16, 128};

  private final ModelSignature signature;
  private final Graph graph;
  private final AxisTracer tracer;

  /**
   * What was found.
   *
   * @param roles what the axes of the graph's values mean, where that could be traced
   * @param sample input types that the model can be planned for
   */
  record Result(
      BatchTraits traits, Map<Value, List<AxisRole>> roles, Optional<List<TensorType>> sample) {}

  BatchAnalysis(ModelSignature signature, Graph graph, AxisTracer tracer) {
    this.signature = signature;
    this.graph = graph;
    this.tracer = tracer;
  }

  Result analyse() {
    List<Axes> inputs = inputAxes();
    boolean hasBatch = inputs.stream().anyMatch(axes -> axes.batchAxis() >= 0);
    for (int other : OTHER_EXTENTS) {
      Optional<Traced> traced =
          tracer.trace((items, length) -> types(inputs, items, length, other));
      if (traced.isPresent()) {
        BatchTraits traits =
            hasBatch
                ? traits(inputs, traced.get())
                : none("no input has a batch axis that a request may choose");
        return new Result(traits, traced.get().roles(), sample(inputs, other));
      }
    }
    return new Result(
        none("the types of the model's values depend on more than its inputs' shapes"),
        Map.of(),
        Optional.empty());
  }

  /** Types for one item of a usual length, or else for as many items as were traced. */
  private Optional<List<TensorType>> sample(List<Axes> inputs, int other) {
    for (int items : new int[] {1, AxisTracer.ITEMS}) {
      for (int length : new int[] {16, AxisTracer.LENGTH}) {
        List<TensorType> types = types(inputs, items, length, other);
        if (tracer.accepts(types)) {
          return Optional.of(types);
        }
      }
    }
    return Optional.empty();
  }

  private BatchTraits none(String reason) {
    List<Axes> inputs = signature.inputs().stream().map(_ -> Axes.NONE).toList();
    List<Axes> outputs = signature.outputs().stream().map(_ -> Axes.NONE).toList();
    return new BatchTraits(Mode.NONE, inputs, outputs, -1, reason);
  }

  /** Batch and length axis of each input, by the names that the model gives to its extents. */
  private List<Axes> inputAxes() {
    String batch = null;
    boolean unnamed = false;
    for (TensorSpec input : signature.inputs()) {
      if (!input.dimensions().isEmpty() && !input.dimensions().getFirst().isFixed()) {
        batch = input.dimensions().getFirst().symbol();
        unnamed = batch == null;
        break;
      }
    }
    if (batch == null && !unnamed) {
      return signature.inputs().stream().map(_ -> Axes.NONE).toList();
    }
    List<Axes> axes = new ArrayList<>();
    String length = lengthSymbol(batch);
    for (TensorSpec input : signature.inputs()) {
      int batchAxis = -1;
      int lengthAxis = -1;
      for (int axis = input.dimensions().size() - 1; axis >= 0; axis--) {
        Dimension dimension = input.dimensions().get(axis);
        if (dimension.isFixed()) {
          continue;
        }
        String symbol = dimension.symbol();
        boolean isBatch =
            symbol == null
                ? axis == 0 || isOnlyOpen(input)
                : Objects.equals(symbol, batch) || (axis == 0 && unnamed);
        if (isBatch) {
          batchAxis = axis;
        } else if (symbol == null ? axis == 1 && isText(input) : symbol.equals(length)) {
          lengthAxis = axis;
        }
      }
      axes.add(new Axes(batchAxis, lengthAxis));
    }
    return axes;
  }

  /** A recurrent state or the like: one open axis, which is not the first. */
  private static boolean isOnlyOpen(TensorSpec input) {
    return input.dimensions().getFirst().isFixed()
        && input.dimensions().stream().filter(dimension -> !dimension.isFixed()).count() == 1;
  }

  /** An input of token ids or the like: two axes of integers. */
  private static boolean isText(TensorSpec input) {
    return input.dimensions().size() == 2 && input.dtype().isInteger();
  }

  /** The name of the axis next to the batch axis that the most inputs share. */
  private @Nullable String lengthSymbol(@Nullable String batch) {
    for (TensorSpec input : signature.inputs()) {
      if (input.dimensions().size() >= 2) {
        Dimension second = input.dimensions().get(1);
        if (!second.isFixed() && second.symbol() != null && !second.symbol().equals(batch)) {
          return second.symbol();
        }
      }
    }
    return null;
  }

  private List<TensorType> types(List<Axes> inputs, int items, int length, int other) {
    List<TensorType> types = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      TensorSpec spec = signature.inputs().get(i);
      int[] extents = new int[spec.dimensions().size()];
      for (int axis = 0; axis < extents.length; axis++) {
        Dimension dimension = spec.dimensions().get(axis);
        extents[axis] =
            dimension.isFixed()
                ? dimension.extent()
                : axis == inputs.get(i).batchAxis()
                    ? items
                    : axis == inputs.get(i).lengthAxis() ? length : other;
      }
      types.add(new TensorType(spec.dtype(), Shape.of(extents)));
    }
    return types;
  }

  private BatchTraits traits(List<Axes> inputs, Traced traced) {
    List<Axes> outputs = new ArrayList<>();
    boolean lengthsCut = !traced.branches();
    for (int i = 0; i < graph.outputs().size(); i++) {
      List<AxisRole> found = traced.roles().get(graph.outputs().get(i));
      int batchAxis = found == null ? -1 : found.indexOf(AxisRole.BATCH);
      if (found == null || batchAxis < 0) {
        return none("output '" + signature.outputs().get(i).name() + "' has no batch axis");
      }
      lengthsCut &= !found.contains(AxisRole.VARYING) && !found.contains(AxisRole.BATCH_LENGTH);
      outputs.add(new Axes(batchAxis, found.indexOf(AxisRole.LENGTH)));
    }
    for (int i = 0; i < inputs.size(); i++) {
      if (inputs.get(i).batchAxis() < 0 && signature.inputs().get(i).dimensions().size() > 0) {
        return none("input '" + signature.inputs().get(i).name() + "' has no batch axis");
      }
    }
    if (signature.inputs().stream().anyMatch(input -> input.dimensions().isEmpty())) {
      return new BatchTraits(
          Mode.SAME_SHAPE, inputs, outputs, -1, "a scalar input is shared by all items of a run");
    }
    String unfused =
        graph.nodes().stream()
            .map(node -> node.operator().name())
            .filter("DynamicQuantizeLinear"::equals)
            .findFirst()
            .orElse(null);
    if (unfused != null) {
      return new BatchTraits(
          Mode.NONE, inputs, outputs, -1, unfused + " takes one range over all items of a run");
    }
    int mask = maskInput(inputs);
    if (mask >= 0 && lengthsCut) {
      return new BatchTraits(
          Mode.PADDED, inputs, outputs, mask, "a mask input marks the valid positions");
    }
    return new BatchTraits(
        Mode.SAME_SHAPE, inputs, outputs, mask, "no mask input marks padding as such");
  }

  private int maskInput(List<Axes> inputs) {
    for (int i = 0; i < inputs.size(); i++) {
      TensorSpec input = signature.inputs().get(i);
      boolean named = input.name().toLowerCase(Locale.ROOT).contains("mask");
      Axes axes = inputs.get(i);
      if (named
          && axes.batchAxis() == 0
          && axes.lengthAxis() == 1
          && input.dimensions().size() == 2) {
        return i;
      }
    }
    return -1;
  }
}
