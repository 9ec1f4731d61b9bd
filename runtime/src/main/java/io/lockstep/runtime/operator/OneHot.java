package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;

/**
 * ONNX OneHot 9-11: a new axis of {@code depth} entries, of which the one that the index names is
 * on and all others are off; an index out of range leaves all off.
 *
 * <p>Inputs: indices of any numeric type; depth, a scalar; values [2]: off, on.
 */
record OneHot(long axis) implements Operator {

  static OneHot of(NodeAttributes attributes) {
    return new OneHot(attributes.intOr("axis", -1));
  }

  @Override
  public String name() {
    return "OneHot";
  }

  @Override
  public boolean needsValue(int input) {
    return input == 1;
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Shape indices = inputs.shape(0);
    if (inputs.shape(2).size() != 2) {
      throw inputs.invalid("values are %s, expected off and on".formatted(inputs.type(2)));
    }
    int at = Axes.resolve(inputs, axis, indices.rank() + 1);
    long[] extents = new long[indices.rank() + 1];
    for (int i = 0; i < extents.length; i++) {
      extents[i] = i == at ? inputs.value(1).asLong(0) : indices.extent(i < at ? i : i - 1);
    }
    return List.of(inputs.type(2).withShape(Shape.ofLongs(extents)));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    TensorType y = outputTypes(inputs).getFirst();
    int at = Axes.resolve(inputs, axis, y.shape().rank());
    int depth = y.shape().extent(at);
    int inner = y.shape().product(at + 1, y.shape().rank());
    StridedCopy off = Expand.spread(y.withShape(Shape.scalar()), y.shape());
    return (in, out, run) -> {
      off.run(in[2], out[0], run);
      for (long i = 0; i < in[0].size(); i++) {
        long index = in[0].asLong(i);
        long entry = index < 0 ? index + depth : index;
        if (entry >= 0 && entry < depth) {
          Elements.copy(in[2], 1, out[0], (i / inner * depth + entry) * inner + i % inner);
        }
      }
    };
  }
}
