package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.kernel.Quantize;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;

/**
 * ONNX DynamicQuantizeLinear 11: x float to UINT8, with the scale and the zero point that x's own
 * range gives as second and third output. The range is that of the whole tensor, as ONNX says;
 * {@link DynamicQuantizeRows} takes one for each item of a batch.
 */
public record DynamicQuantizeLinear() implements Operator {

  public static DynamicQuantizeLinear of(NodeAttributes attributes) {
    return new DynamicQuantizeLinear();
  }

  @Override
  public String name() {
    return "DynamicQuantizeLinear";
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    if (inputs.dtype(0) != DType.FLOAT32) {
      throw inputs.invalid("input is " + inputs.type(0) + ", expected FLOAT32");
    }
    return List.of(
        inputs.type(0).withDType(DType.UINT8),
        new TensorType(DType.FLOAT32, Shape.scalar()),
        new TensorType(DType.UINT8, Shape.scalar()));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Quantize kernel = context.kernels().quantize();
    int size = inputs.shape(0).intSize();
    return (in, out, run) -> {
      float min = 0;
      float max = 0;
      for (long at = 0; at < size; at += DynamicRange.CHUNK) {
        long count = Math.min(DynamicRange.CHUNK, size - at);
        min = Math.min(min, kernel.min(in[0].segment(), at, count));
        max = Math.max(max, kernel.max(in[0].segment(), at, count));
      }
      float scale = DynamicRange.scale(min, max);
      int zeroPoint = DynamicRange.zeroPoint(min, scale);
      out[1].setFloat(0, scale);
      out[2].setByte(0, (byte) zeroPoint);
      run.pool()
          .parallelFor(
              size,
              16384,
              (from, to) ->
                  kernel.quantize(
                      in[0].segment(),
                      from,
                      scale,
                      zeroPoint,
                      false,
                      out[0].segment(),
                      from,
                      to - from));
    };
  }
}
