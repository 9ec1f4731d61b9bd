package io.lockstep.runtime.operator;

import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.graph.DataDependentOperator;
import io.lockstep.runtime.graph.EvaluationContext;
import io.lockstep.runtime.graph.Graph;
import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import io.lockstep.runtime.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * ONNX Loop 1-25: runs its body until a trip count is reached or the body's condition fails.
 *
 * <p>Inputs: trip count INT64, optional; first condition BOOL, optional; the carried values; what
 * the body takes from outside. The body maps (iteration, condition, carried, outside) to
 * (condition, carried, scanned); outputs are the last carried values and each scanned value of all
 * iterations stacked along a new first axis.
 *
 * @param captures how many inputs the body takes from outside
 */
record Loop(Graph body, int captures) implements DataDependentOperator {

  private static final int FIRST_CARRIED = 2;

  static Operator of(NodeAttributes attributes) {
    return new Loop(attributes.graph("body"), attributes.captures());
  }

  @Override
  public List<Graph> bodies() {
    return List.of(body);
  }

  @Override
  public String name() {
    return "Loop";
  }

  @Override
  public List<Tensor> evaluate(List<@Nullable Tensor> inputs, EvaluationContext context) {
    int carriedCount = inputs.size() - FIRST_CARRIED - captures;
    if (body.inputs().size() != FIRST_CARRIED + carriedCount + captures
        || body.outputs().size() < 1 + carriedCount) {
      throw new InvalidModelException(
          "Loop: a body of %d inputs and %d outputs does not carry %d values"
              .formatted(body.inputs().size(), body.outputs().size(), carriedCount));
    }
    Tensor trips = inputs.get(0);
    Tensor first = inputs.get(1);
    long limit = trips == null ? Long.MAX_VALUE : trips.asLong(0);
    boolean going = first == null || first.getBoolean(0);
    List<Tensor> carried = present(inputs.subList(FIRST_CARRIED, FIRST_CARRIED + carriedCount));
    List<Tensor> outside = present(inputs.subList(FIRST_CARRIED + carriedCount, inputs.size()));
    List<List<Tensor>> scanned = new ArrayList<>();
    for (int i = 1 + carriedCount; i < body.outputs().size(); i++) {
      scanned.add(new ArrayList<>());
    }
    for (long iteration = 0; iteration < limit && going; iteration++) {
      List<Tensor> arguments = new ArrayList<>();
      arguments.add(Tensors.scalar(iteration));
      arguments.add(Tensors.ofBooleans(Shape.scalar(), true));
      arguments.addAll(carried);
      arguments.addAll(outside);
      List<Tensor> results = context.run(body, arguments);
      going = results.getFirst().getBoolean(0);
      carried = List.copyOf(results.subList(1, 1 + carriedCount));
      for (int i = 0; i < scanned.size(); i++) {
        scanned.get(i).add(results.get(1 + carriedCount + i));
      }
    }
    List<Tensor> outputs = new ArrayList<>(carried);
    for (List<Tensor> parts : scanned) {
      outputs.add(stacked(parts, context));
    }
    return outputs;
  }

  private static List<Tensor> present(List<@Nullable Tensor> tensors) {
    List<Tensor> present = new ArrayList<>();
    for (Tensor tensor : tensors) {
      if (tensor == null) {
        throw new InvalidModelException("Loop: a carried value is missing");
      }
      present.add(tensor);
    }
    return present;
  }

  /** All iterations' values; of a loop that never ran only the emptiness is known. */
  private static Tensor stacked(List<Tensor> parts, EvaluationContext context) {
    return parts.isEmpty()
        ? context.allocate(TensorType.of(DType.FLOAT32, 0))
        : Stacking.stack(parts, 0, context);
  }
}
