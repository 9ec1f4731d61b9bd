package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.kernel.Activation;
import io.lockstep.runtime.kernel.Epilogue;
import io.lockstep.runtime.kernel.PackedQuantMatrix;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * The product of {@link DynamicQuantizeRows}' outputs with constant 8-bit weights, back in floats:
 * y = activation((bytes - zero) (b - bZero) scale bScale + bias). What a rewrite makes of
 * MatMulInteger, Cast, Mul, Add and an activation.
 *
 * <p>Inputs: bytes UINT8 or INT8 [..., k]; row scales FLOAT32 [rows]; row zero points INT32 [rows];
 * b INT8 or UINT8 [k, n], constant; b's scale FLOAT32, scalar or [n], constant; b's zero point,
 * scalar or [n], constant, optional; bias FLOAT32 [n], optional. Output: y FLOAT32 [..., n].
 */
public record QuantMatMulRows(Activation activation) implements Operator {

  public static final int BYTES = 0;
  public static final int ROW_SCALES = 1;
  public static final int ROW_ZERO_POINTS = 2;
  public static final int WEIGHTS = 3;
  public static final int WEIGHT_SCALES = 4;
  public static final int WEIGHT_ZERO_POINTS = 5;
  public static final int BIAS = 6;

  @Override
  public String name() {
    return "QuantMatMulRows";
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Shape a = inputs.shape(BYTES);
    Shape b = inputs.shape(WEIGHTS);
    if (a.rank() == 0 || b.rank() != 2 || a.extent(-1) != b.extent(0)) {
      throw inputs.invalid("lhs " + a + " and rhs " + b + " do not contract");
    }
    int n = b.extent(1);
    checkPerColumn(inputs, WEIGHT_SCALES, n);
    checkPerColumn(inputs, WEIGHT_ZERO_POINTS, n);
    if (inputs.has(BIAS) && inputs.shape(BIAS).size() != n) {
      throw inputs.invalid("bias " + inputs.shape(BIAS) + " does not fit " + n + " columns");
    }
    return List.of(new TensorType(DType.FLOAT32, a.with(-1, n)));
  }

  private static void checkPerColumn(OperatorInputs inputs, int input, int n) {
    if (inputs.has(input) && inputs.shape(input).size() != 1 && inputs.shape(input).size() != n) {
      throw inputs.invalid(
          "input %d is %s, expected a scalar or [%d]".formatted(input, inputs.shape(input), n));
    }
  }

  @Override
  public boolean needsValue(int input) {
    return input == WEIGHTS || input == WEIGHT_SCALES || input == WEIGHT_ZERO_POINTS;
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Shape a = inputs.shape(BYTES);
    PackedQuantMatrix b = QuantWeights.packed(inputs, context, WEIGHTS, false, WEIGHT_ZERO_POINTS);
    MemorySegment scales = QuantWeights.scales(context, WEIGHT_SCALES, b.n());
    int rows = a.product(0, a.rank() - 1);
    boolean signed = inputs.dtype(BYTES) == DType.INT8;
    Epilogue plain = Epilogue.of(null, activation);
    return PreparedOperator.withWorkspace(
        context.kernels().quantGemm().workspaceBytes(rows, b),
        (in, out, run) -> {
          boolean biased = in.length > BIAS && in[BIAS] != null;
          context
              .kernels()
              .quantGemm()
              .gemmF32(
                  rows,
                  in[BYTES].segment(),
                  0,
                  b.k(),
                  signed,
                  in[ROW_ZERO_POINTS].segment(),
                  in[ROW_SCALES].segment(),
                  b,
                  scales,
                  biased ? Epilogue.of(in[BIAS].segment(), activation) : plain,
                  run.workspace(),
                  out[0].segment(),
                  0,
                  b.n(),
                  run.pool());
        });
  }
}
