package io.lockstep.runtime.operator;

import io.lockstep.runtime.error.UnsupportedModelException;
import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.TensorType;
import java.util.Arrays;
import java.util.List;

/**
 * ONNX Col2Im 18: adds up the columns of sliding blocks where they come from in an image.
 *
 * <p>Inputs: columns FLOAT32 [batch, channels * block size, blocks]; image shape INT64 [spatial
 * rank]; block shape INT64 [spatial rank]. Output: [batch, channels, image...].
 */
record Col2Im(List<Long> strides, List<Long> dilations, List<Long> pads) implements Operator {

  static Operator of(NodeAttributes attributes) {
    return new Col2Im(
        Arrays.stream(attributes.ints("strides")).boxed().toList(),
        Arrays.stream(attributes.ints("dilations")).boxed().toList(),
        Arrays.stream(attributes.ints("pads")).boxed().toList());
  }

  @Override
  public String name() {
    return "Col2Im";
  }

  @Override
  public boolean needsValue(int input) {
    return input > 0;
  }

  private static int at(List<Long> values, int i, int absent) {
    return i < values.size() ? Math.toIntExact(values.get(i)) : absent;
  }

  private Window window(OperatorInputs inputs) {
    long[] image = inputs.value(1).toLongs();
    long[] block = inputs.value(2).toLongs();
    int rank = image.length;
    if (rank < 1 || rank > 3) {
      throw new UnsupportedModelException("Col2Im over " + rank + " spatial axes");
    }
    Window.Axis[] axes = new Window.Axis[rank];
    for (int i = 0; i < rank; i++) {
      int extent = Math.toIntExact(image[i]);
      int kernel = Math.toIntExact(block[i]);
      int stride = at(strides, i, 1);
      int dilation = at(dilations, i, 1);
      int begin = at(pads, i, 0);
      int end = at(pads, i + rank, 0);
      int reach = dilation * (kernel - 1) + 1;
      int blocks = Math.floorDiv(extent + begin + end - reach, stride) + 1;
      axes[i] = new Window.Axis(extent, kernel, stride, dilation, begin, end, blocks);
    }
    return new Window(rank, axes);
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Shape columns = inputs.shape(0);
    Window window = window(inputs);
    if (inputs.dtype(0) != DType.FLOAT32
        || columns.rank() != 3
        || columns.extent(1) % window.kernelSize() != 0
        || columns.extent(2) != window.outputSize()) {
      throw inputs.invalid(
          "columns %s, expected FLOAT32 [batch, channels * %d, %d]"
              .formatted(inputs.type(0), window.kernelSize(), window.outputSize()));
    }
    int channels = columns.extent(1) / window.kernelSize();
    int[] extents = new int[window.rank() + 2];
    extents[0] = columns.extent(0);
    extents[1] = channels;
    Shape spatial = Shape.of(extents);
    return List.of(inputs.type(0).withShape(TransposedWindow.image(window, spatial, channels)));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Window window = window(inputs);
    int planes = outputTypes(inputs).getFirst().shape().product(0, 2);
    ScatterConv scatter = new ScatterConv(window, planes, 1, 1, 1);
    long columns = (long) window.kernelSize() * window.outputSize();
    return (in, out, run) -> {
      out[0].segment().fill((byte) 0);
      for (int plane = 0; plane < planes; plane++) {
        scatter.scatter(
            in[0].segment(), plane * columns, out[0].segment(), (long) plane * window.inputSize());
      }
    };
  }
}
