package io.lockstep.runtime.operator;

import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.graph.DataDependentOperator;
import io.lockstep.runtime.graph.EvaluationContext;
import io.lockstep.runtime.graph.Graph;
import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * ONNX Scan 8-25: runs its body over the slices of sequences, carrying a state.
 *
 * <p>Inputs: the states; the scanned sequences; what the body takes from outside. The body maps
 * (states, slices, outside) to (states, results); outputs are the last states and each result of
 * all steps stacked along an axis. In version 8 a first optional input holds sequence lengths, axis
 * 0 is the batch and axis 1 the sequence, and everything runs once for each item.
 *
 * @param scanned how many sequences there are
 * @param batched whether this is version 8
 * @param inputAxes the axis of each sequence that is walked
 * @param outputAxes the axis along which each result is stacked
 * @param inputsReversed for each sequence whether it is walked backwards
 * @param outputsReversed for each result whether it is stacked backwards
 * @param captures how many inputs the body takes from outside
 */
record Scan(
    Graph body,
    int scanned,
    boolean batched,
    List<Long> inputAxes,
    List<Long> outputAxes,
    List<Boolean> inputsReversed,
    List<Boolean> outputsReversed,
    int captures)
    implements DataDependentOperator {

  static Operator of(NodeAttributes attributes) {
    Graph body = attributes.graph("body");
    int scanned = Math.toIntExact(attributes.intOr("num_scan_inputs", 1));
    if (scanned < 1 || scanned > body.inputs().size()) {
      throw new InvalidModelException(
          "Scan: num_scan_inputs is %d but its body takes %d inputs"
              .formatted(scanned, body.inputs().size()));
    }
    int results = body.outputs().size();
    boolean batched = attributes.opset() < 9;
    return new Scan(
        body,
        scanned,
        batched,
        longs(attributes.ints("scan_input_axes"), scanned),
        longs(attributes.ints("scan_output_axes"), results),
        flags(attributes.ints(batched ? "directions" : "scan_input_directions"), scanned),
        flags(attributes.ints("scan_output_directions"), results),
        attributes.captures());
  }

  private static List<Long> longs(long[] values, int count) {
    List<Long> list = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      list.add(i < values.length ? values[i] : 0L);
    }
    return List.copyOf(list);
  }

  private static List<Boolean> flags(long[] values, int count) {
    return longs(values, count).stream().map(value -> value != 0).toList();
  }

  @Override
  public List<Graph> bodies() {
    return List.of(body);
  }

  @Override
  public String name() {
    return "Scan";
  }

  @Override
  public List<Tensor> evaluate(List<@Nullable Tensor> inputs, EvaluationContext context) {
    int firstState = batched ? 1 : 0;
    List<Tensor> given = present(inputs.subList(firstState, inputs.size()));
    int stateCount = given.size() - scanned - captures;
    if (stateCount < 0 || body.outputs().size() < stateCount) {
      throw new InvalidModelException(
          "Scan: %d inputs do not hold %d sequences and the body's states"
              .formatted(given.size(), scanned));
    }
    List<Tensor> states = given.subList(0, stateCount);
    List<Tensor> sequences = given.subList(stateCount, stateCount + scanned);
    List<Tensor> outside = given.subList(stateCount + scanned, given.size());
    return batched
        ? items(inputs.getFirst(), states, sequences, outside, context)
        : walk(states, sequences, outside, -1, context);
  }

  private static List<Tensor> present(List<@Nullable Tensor> tensors) {
    List<Tensor> present = new ArrayList<>();
    for (Tensor tensor : tensors) {
      if (tensor == null) {
        throw new InvalidModelException("Scan: an input is missing");
      }
      present.add(tensor);
    }
    return present;
  }

  /** Version 8: each item of the batch is walked by itself. */
  private List<Tensor> items(
      @Nullable Tensor lengths,
      List<Tensor> states,
      List<Tensor> sequences,
      List<Tensor> outside,
      EvaluationContext context) {
    int items = sequences.getFirst().shape().extent(0);
    List<List<Tensor>> outputs = new ArrayList<>();
    for (int item = 0; item < items; item++) {
      int index = item;
      List<Tensor> own =
          walk(
              states.stream().map(s -> Stacking.slice(s, 0, index, context)).toList(),
              sequences.stream().map(s -> Stacking.slice(s, 0, index, context)).toList(),
              outside,
              lengths == null ? -1 : (int) lengths.asLong(item),
              context);
      for (int i = 0; i < own.size(); i++) {
        if (item == 0) {
          outputs.add(new ArrayList<>());
        }
        outputs.get(i).add(own.get(i));
      }
    }
    return outputs.stream().map(parts -> Stacking.stack(parts, 0, context)).toList();
  }

  /**
   * Walks the sequences from end to end.
   *
   * @param limit how many steps to take at most; -1 for all
   */
  private List<Tensor> walk(
      List<Tensor> initial,
      List<Tensor> sequences,
      List<Tensor> outside,
      int limit,
      EvaluationContext context) {
    int axis = Math.toIntExact(inputAxes.getFirst());
    int length = sequences.getFirst().shape().extent(axis);
    int steps = limit < 0 ? length : Math.min(limit, length);
    List<Tensor> states = initial;
    List<List<Tensor>> results = new ArrayList<>();
    for (int i = initial.size(); i < body.outputs().size(); i++) {
      results.add(new ArrayList<>());
    }
    for (int step = 0; step < steps; step++) {
      List<Tensor> arguments = new ArrayList<>(states);
      for (int i = 0; i < sequences.size(); i++) {
        int index = inputsReversed.get(i) ? steps - 1 - step : step;
        int along = Math.toIntExact(inputAxes.get(i));
        arguments.add(Stacking.slice(sequences.get(i), along, index, context));
      }
      arguments.addAll(outside);
      List<Tensor> outputs = context.run(body, arguments);
      states = List.copyOf(outputs.subList(0, initial.size()));
      for (int i = 0; i < results.size(); i++) {
        results.get(i).add(outputs.get(initial.size() + i));
      }
    }
    List<Tensor> all = new ArrayList<>(states);
    for (int i = 0; i < results.size(); i++) {
      List<Tensor> parts = results.get(i);
      if (parts.isEmpty()) {
        throw new InvalidModelException("Scan: a sequence without elements has no results");
      }
      if (outputsReversed.get(i)) {
        Collections.reverse(parts);
      }
      all.add(Stacking.stack(parts, Math.toIntExact(outputAxes.get(i)), context));
    }
    return all;
  }
}
