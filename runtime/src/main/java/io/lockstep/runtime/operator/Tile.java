package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;

/** ONNX Tile 6-13: x repeated along each axis as often as input 1 says. */
record Tile() implements Operator {

  static Tile of(NodeAttributes attributes) {
    return new Tile();
  }

  @Override
  public String name() {
    return "Tile";
  }

  @Override
  public boolean needsValue(int input) {
    return input == 1;
  }

  private static long[] repeats(OperatorInputs inputs) {
    long[] repeats = inputs.value(1).toLongs();
    if (repeats.length != inputs.shape(0).rank()) {
      throw inputs.invalid(repeats.length + " repeats for shape " + inputs.shape(0));
    }
    return repeats;
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    long[] extents = repeats(inputs);
    for (int axis = 0; axis < extents.length; axis++) {
      extents[axis] = Math.multiplyExact(extents[axis], (long) inputs.shape(0).extent(axis));
    }
    return List.of(inputs.type(0).withShape(Shape.ofLongs(extents)));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Shape x = inputs.shape(0);
    long[] repeats = repeats(inputs);
    long[] strides = x.strides();
    // Each axis of y is a pair: which repetition, and which entry of x.
    int[] pairs = new int[2 * repeats.length];
    long[] from = new long[pairs.length];
    for (int axis = 0; axis < repeats.length; axis++) {
      pairs[2 * axis] = Math.toIntExact(repeats[axis]);
      pairs[2 * axis + 1] = x.extent(axis);
      from[2 * axis + 1] = strides[axis];
    }
    return StridedCopy.gather(inputs.dtype(0), Shape.of(pairs), 0, from).prepared(x.size());
  }
}
