package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;
import java.util.stream.LongStream;

/**
 * ONNX Unsqueeze 1-25: x with further axes of extent 1.
 *
 * @param axes where they stand in y, as an attribute (before version 13); else they are input 1
 */
public record Unsqueeze(List<Long> axes) implements Operator {

  static Unsqueeze of(NodeAttributes attributes) {
    return new Unsqueeze(LongStream.of(attributes.ints("axes")).boxed().toList());
  }

  @Override
  public String name() {
    return "Unsqueeze";
  }

  @Override
  public boolean needsValue(int input) {
    return input == 1;
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Shape x = inputs.shape(0);
    long[] named =
        inputs.has(1)
            ? inputs.value(1).toLongs()
            : axes.stream().mapToLong(Long::longValue).toArray();
    int rank = x.rank() + named.length;
    boolean[] added = Axes.marked(inputs, named, rank);
    int[] extents = new int[rank];
    int from = 0;
    for (int axis = 0; axis < rank; axis++) {
      extents[axis] = added[axis] ? 1 : x.extent(from++);
    }
    return List.of(inputs.type(0).withShape(Shape.of(extents)));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    return PreparedOperator.view();
  }
}
