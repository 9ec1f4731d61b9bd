package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;

/**
 * ONNX ReverseSequence 10: the first entries of each sequence in reverse order, as many as input 1
 * says for its item of the batch; the others stay. x: [batch, time, ...] or [time, batch, ...].
 */
record ReverseSequence(int batchAxis, int timeAxis) implements Operator {

  static ReverseSequence of(NodeAttributes attributes) {
    return new ReverseSequence(
        Math.toIntExact(attributes.intOr("batch_axis", 1)),
        Math.toIntExact(attributes.intOr("time_axis", 0)));
  }

  @Override
  public String name() {
    return "ReverseSequence";
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Shape x = inputs.shape(0);
    if (x.rank() < 2 || batchAxis + timeAxis != 1 || batchAxis * timeAxis != 0) {
      throw inputs.invalid(
          "batch axis %d and time axis %d of %s, expected 0 and 1"
              .formatted(batchAxis, timeAxis, x));
    }
    if (!inputs.shape(1).equals(Shape.of(x.extent(batchAxis)))) {
      throw inputs.invalid(
          "lengths %s for %d sequences".formatted(inputs.shape(1), x.extent(batchAxis)));
    }
    return List.of(inputs.type(0));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Shape x = inputs.shape(0);
    int items = x.extent(batchAxis);
    int steps = x.extent(timeAxis);
    int block = x.product(2, x.rank());
    return (in, out, _) -> {
      for (int item = 0; item < items; item++) {
        long length = in[1].asLong(item);
        if (length != 0) {
          Indices.resolve(name(), Math.abs(length) - 1, steps);
        }
        for (int step = 0; step < steps; step++) {
          long source = step < length ? length - 1 - step : step;
          long from = row(item, source, items, steps) * block;
          copy(in[0], from, out[0], row(item, step, items, steps) * block, block);
        }
      }
    };
  }

  private long row(int item, long step, int items, int steps) {
    return batchAxis == 0 ? (long) item * steps + step : step * items + item;
  }

  private static void copy(Tensor from, long source, Tensor to, long target, int count) {
    for (int i = 0; i < count; i++) {
      Elements.copy(from, source + i, to, target + i);
    }
  }
}
