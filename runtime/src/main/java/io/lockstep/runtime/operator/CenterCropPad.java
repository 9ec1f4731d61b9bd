package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import io.lockstep.runtime.tensor.Tensors;
import java.util.List;
import java.util.stream.LongStream;

/**
 * ONNX CenterCropPad 18: x cut or padded with zeros on both sides of some axes to the extents in
 * input 1; what is odd goes to the far side.
 *
 * @param axes which axes the extents are for; empty for all
 */
record CenterCropPad(List<Long> axes) implements Operator {

  static CenterCropPad of(NodeAttributes attributes) {
    return new CenterCropPad(LongStream.of(attributes.ints("axes")).boxed().toList());
  }

  @Override
  public String name() {
    return "CenterCropPad";
  }

  @Override
  public boolean needsValue(int input) {
    return input == 1;
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Shape x = inputs.shape(0);
    long[] wanted = inputs.value(1).toLongs();
    int count = axes.isEmpty() ? x.rank() : axes.size();
    if (wanted.length != count) {
      throw inputs.invalid("%d extents for %d axes".formatted(wanted.length, count));
    }
    int[] extents = x.toArray();
    for (int i = 0; i < count; i++) {
      int axis = axes.isEmpty() ? i : Axes.resolve(inputs, axes.get(i), x.rank());
      extents[axis] = Math.toIntExact(wanted[i]);
    }
    return List.of(inputs.type(0).withShape(Shape.of(extents)));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Shape x = inputs.shape(0);
    TensorType y = outputTypes(inputs).getFirst();
    long[] pads = new long[2 * x.rank()];
    for (int axis = 0; axis < x.rank(); axis++) {
      long extent = y.shape().extent(axis);
      long added = extent - x.extent(axis);
      pads[axis] = added / 2;
      pads[x.rank() + axis] = added - added / 2;
    }
    StridedCopy inside = Pad.inside(x, y, pads);
    StridedCopy fill = Expand.spread(y.withShape(Shape.scalar()), y.shape());
    Tensor zero = Tensors.zeros(y.withShape(Shape.scalar()));
    if (y.dtype() == DType.STRING) {
      zero.setString(0, "");
    }
    return (in, out, run) -> {
      fill.run(zero, out[0], run);
      inside.run(in[0], out[0], run);
    };
  }
}
