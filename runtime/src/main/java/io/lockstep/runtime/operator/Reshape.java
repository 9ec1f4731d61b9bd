package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.TensorType;
import java.util.Arrays;
import java.util.List;

/**
 * ONNX Reshape 5-25: the elements of x under the shape in input 1, in which -1 stands for what is
 * left over and 0 for the extent that x has there.
 *
 * @param allowZero whether 0 means an extent of 0 instead
 */
public record Reshape(boolean allowZero) implements Operator {

  static Reshape of(NodeAttributes attributes) {
    return new Reshape(attributes.intOr("allowzero", 0) != 0);
  }

  @Override
  public String name() {
    return "Reshape";
  }

  @Override
  public boolean needsValue(int input) {
    return input == 1;
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Shape x = inputs.shape(0);
    long[] wanted = inputs.value(1).toLongs();
    long[] extents = wanted.clone();
    int open = -1;
    long known = 1;
    for (int axis = 0; axis < extents.length; axis++) {
      if (extents[axis] == 0 && !allowZero) {
        if (axis >= x.rank()) {
          throw inputs.invalid(x + " has no axis " + axis + " to copy the extent of");
        }
        extents[axis] = x.extent(axis);
      }
      if (extents[axis] == -1 && open < 0) {
        open = axis;
      } else {
        known = Math.multiplyExact(known, extents[axis]);
      }
    }
    if (open >= 0) {
      extents[open] = known > 0 && x.size() % known == 0 ? x.size() / known : 0;
      known *= extents[open];
    }
    if (known != x.size() || Arrays.stream(extents).anyMatch(extent -> extent < 0)) {
      throw inputs.invalid(
          "%s has %d elements and does not fit %s".formatted(x, x.size(), Arrays.toString(wanted)));
    }
    return List.of(inputs.type(0).withShape(Shape.ofLongs(extents)));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    return PreparedOperator.view();
  }
}
