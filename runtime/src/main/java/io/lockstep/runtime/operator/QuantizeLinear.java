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
 * ONNX QuantizeLinear 10-25: y = saturate(round(x / scale) + zeroPoint), ties to even; one scale
 * for the tensor, for each index of an axis, or for each block along it.
 *
 * <p>Inputs: x, scale, and optionally the zero point, whose type is the output's.
 *
 * @param blockSize elements along the axis that share a scale; 0 for all or one
 * @param outputType ONNX's code of the output type without a zero point; 0 for UINT8
 */
public record QuantizeLinear(int axis, int blockSize, int outputType) implements LayoutAware {

  /** What a thread takes at least, of elements one by one and of a kernel's. */
  private static final int ELEMENTS = 4096;

  private static final int KERNEL_ELEMENTS = 16384;

  public static QuantizeLinear of(NodeAttributes attributes) {
    return new QuantizeLinear(
        Math.toIntExact(attributes.intOr("axis", 1)),
        Math.toIntExact(attributes.intOr("block_size", 0)),
        Math.toIntExact(attributes.intOr("output_dtype", 0)));
  }

  @Override
  public String name() {
    return "QuantizeLinear";
  }

  @Override
  public Optional<Operator> channelsLast(int rank) {
    return blockSize > 0
        ? Optional.empty()
        : Optional.of(new QuantizeLinear(ImageLayout.axisLast(axis, rank), 0, outputType));
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    DType type = DType.UINT8;
    if (inputs.has(2)) {
      type = inputs.dtype(2);
    } else if (outputType != 0) {
      type = DType.ofOnnx(outputType);
    }
    if (!type.isInteger() || type.bytes() > 2) {
      throw inputs.invalid("quantizes to 8 or 16-bit integers, not to " + type);
    }
    if (inputs.has(2) && inputs.shape(2).size() != inputs.shape(1).size()) {
      throw inputs.invalid(
          "zero point " + inputs.shape(2) + " does not fit the scale " + inputs.shape(1));
    }
    return List.of(inputs.type(0).withDType(type));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    QuantLayout layout = QuantLayout.of(inputs, inputs.shape(0), inputs.shape(1), axis, blockSize);
    TensorType y = outputTypes(inputs).getFirst();
    if (inputs.dtype(0) != DType.FLOAT32 || y.dtype().bytes() != 1 || layout.run() < 8) {
      return layout.operator(ELEMENTS, QuantizeLinear::elements);
    }
    Quantize kernel = context.kernels().quantize();
    return layout.operator(
        KERNEL_ELEMENTS,
        (in, to, parameter, first, count) -> run(kernel, in, to, parameter, first, count));
  }

  private static void run(
      Quantize kernel, Tensor[] in, Tensor y, int parameter, long first, int count) {
    float scale = (float) in[1].asDouble(parameter);
    boolean signed = !y.dtype().isUnsigned();
    kernel.quantize(
        in[0].segment(), first, scale, zeroPoint(in, parameter), signed, y.segment(), first, count);
  }

  private static void elements(Tensor[] in, Tensor y, int parameter, long first, int count) {
    float scale = (float) in[1].asDouble(parameter);
    int zeroPoint = zeroPoint(in, parameter);
    for (long i = first; i < first + count; i++) {
      y.setFromLong(i, quantized((float) in[0].asDouble(i) / scale, zeroPoint, y.dtype()));
    }
  }

  /** saturate(round(scaled) + zeroPoint) for an 8 or 16-bit type; a NaN becomes the zero point. */
  static long quantized(double scaled, int zeroPoint, DType type) {
    int bits = type.bytes() * 8;
    long lowest = type.isUnsigned() ? 0 : -(1L << (bits - 1));
    long highest = lowest + (1L << bits) - 1;
    return Math.clamp((long) Math.rint(scaled) + zeroPoint, lowest, highest);
  }

  private static int zeroPoint(Tensor[] in, int parameter) {
    return in.length > 2 && in[2] != null ? (int) in[2].asLong(parameter) : 0;
  }
}
