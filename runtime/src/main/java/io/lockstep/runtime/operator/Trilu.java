package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * ONNX Trilu 14: matrices x [..., rows, columns] with zeros below or above a diagonal, which input
 * 1 names (0, the main one, without it).
 *
 * @param upper whether the part above the diagonal is kept, rather than the one below
 */
record Trilu(boolean upper) implements Operator {

  static Trilu of(NodeAttributes attributes) {
    return new Trilu(attributes.intOr("upper", 1) != 0);
  }

  @Override
  public String name() {
    return "Trilu";
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    if (inputs.shape(0).rank() < 2) {
      throw inputs.invalid("expected matrices but got " + inputs.type(0));
    }
    return List.of(inputs.type(0));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Shape x = inputs.shape(0);
    int rows = x.extent(-2);
    int columns = x.extent(-1);
    int bytes = inputs.dtype(0).bytes();
    boolean hasDiagonal = inputs.has(1);
    return PreparedOperator.inPlace(
        0,
        (in, out, _) -> {
          MemorySegment y = out[0].segment();
          Placement.start(in[0], out[0]);
          long diagonal = hasDiagonal ? in[1].asLong(0) : 0;
          for (long row = 0; row < (columns == 0 ? 0 : in[0].size() / columns); row++) {
            // The first column on the diagonal, or behind it for the lower part.
            long edge = Math.clamp(row % rows + diagonal + (upper ? 0 : 1), 0L, (long) columns);
            long from = upper ? 0 : edge;
            long to = upper ? edge : columns;
            y.asSlice((row * columns + from) * bytes, (to - from) * bytes).fill((byte) 0);
          }
        });
  }
}
