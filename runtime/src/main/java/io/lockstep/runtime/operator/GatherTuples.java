package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** ONNX GatherND 11-13: the blocks of x that index tuples name, see {@link TuplePlaces}. */
record GatherTuples(int batchAxes) implements Operator {

  static GatherTuples of(NodeAttributes attributes) {
    return new GatherTuples(Math.toIntExact(attributes.intOr("batch_dims", 0)));
  }

  @Override
  public String name() {
    return "GatherND";
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    return List.of(inputs.type(0).withShape(TuplePlaces.of(name(), inputs, batchAxes).blocks()));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    TuplePlaces places = TuplePlaces.of(name(), inputs, batchAxes);
    int block = places.blockSize();
    if (inputs.dtype(0) == DType.STRING) {
      return (in, out, _) -> {
        for (int i = 0; i < places.count(); i++) {
          int from = (int) places.of(in[1], i);
          System.arraycopy(in[0].strings(), from, out[0].strings(), i * block, block);
        }
      };
    }
    int bytes = inputs.dtype(0).bytes();
    return (in, out, _) -> {
      MemorySegment x = in[0].segment();
      MemorySegment y = out[0].segment();
      for (int i = 0; i < places.count(); i++) {
        long to = (long) i * block * bytes;
        MemorySegment.copy(x, places.of(in[1], i) * bytes, y, to, (long) block * bytes);
      }
    };
  }
}
