package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.kernel.Quantize;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;
import java.util.Optional;

/**
 * ONNX DequantizeLinear 10-25: y = (x - zeroPoint) scale; one scale for the tensor, for each index
 * of an axis, or for each block along it.
 *
 * <p>Inputs: x of an integer type, scale, and optionally the zero point of x's type.
 *
 * @param blockSize elements along the axis that share a scale; 0 for all or one
 * @param outputType ONNX's code of the output type; 0 for the scale's
 */
public record DequantizeLinear(int axis, int blockSize, int outputType) implements LayoutAware {

  /** What a thread takes at least, of elements one by one and of a kernel's. */
  private static final int ELEMENTS = 4096;

  private static final int KERNEL_ELEMENTS = 16384;

  public static DequantizeLinear of(NodeAttributes attributes) {
    return new DequantizeLinear(
        Math.toIntExact(attributes.intOr("axis", 1)),
        Math.toIntExact(attributes.intOr("block_size", 0)),
        Math.toIntExact(attributes.intOr("output_dtype", 0)));
  }

  @Override
  public String name() {
    return "DequantizeLinear";
  }

  @Override
  public Optional<Operator> channelsLast(int rank) {
    return blockSize > 0
        ? Optional.empty()
        : Optional.of(new DequantizeLinear(ImageLayout.axisLast(axis, rank), 0, outputType));
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    if (!inputs.dtype(0).isInteger()) {
      throw inputs.invalid("input is " + inputs.type(0) + ", expected integers");
    }
    if (inputs.has(2) && inputs.shape(2).size() != inputs.shape(1).size()) {
      throw inputs.invalid(
          "zero point " + inputs.shape(2) + " does not fit the scale " + inputs.shape(1));
    }
    DType type = outputType == 0 ? inputs.dtype(1) : DType.ofOnnx(outputType);
    return List.of(inputs.type(0).withDType(type));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    QuantLayout layout = QuantLayout.of(inputs, inputs.shape(0), inputs.shape(1), axis, blockSize);
    DType result = outputTypes(inputs).getFirst().dtype();
    if (result != DType.FLOAT32 || inputs.dtype(0).bytes() != 1 || layout.run() < 8) {
      return layout.operator(ELEMENTS, DequantizeLinear::elements);
    }
    Quantize kernel = context.kernels().quantize();
    return layout.operator(
        KERNEL_ELEMENTS,
        (in, to, parameter, first, count) -> run(kernel, in, to, parameter, first, count));
  }

  private static void run(
      Quantize kernel, Tensor[] in, Tensor y, int parameter, long first, int count) {
    float scale = (float) in[1].asDouble(parameter);
    boolean signed = !in[0].dtype().isUnsigned();
    kernel.dequantize(
        in[0].segment(),
        first,
        scale,
        (int) zeroPoint(in, parameter),
        signed,
        y.segment(),
        first,
        count);
  }

  private static void elements(Tensor[] in, Tensor y, int parameter, long first, int count) {
    float scale = (float) in[1].asDouble(parameter);
    long zeroPoint = zeroPoint(in, parameter);
    for (long i = first; i < first + count; i++) {
      y.setFromDouble(i, (float) (in[0].asLong(i) - zeroPoint) * scale);
    }
  }

  private static long zeroPoint(Tensor[] in, int parameter) {
    return in.length > 2 && in[2] != null ? in[2].asLong(parameter) : 0;
  }
}
