package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.kernel.KernelSet;
import io.lockstep.runtime.kernel.PackedQuantMatrix;
import io.lockstep.runtime.kernel.Requantization;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * ONNX QLinearMatMul 10-21: y = saturate(round((a - aZero) (b - bZero) aScale bScale / yScale) +
 * yZero), the product exact in 32-bit integers.
 *
 * <p>Inputs in ONNX's order: a [..., rows, k], its scale and zero point, scalars or [rows]; b [...,
 * k, n], its scale and zero point, scalars or [n]; y's scale and zero point.
 */
public record QLinearMatMul() implements Operator {

  private static final int A = 0;
  private static final int A_SCALE = 1;
  private static final int A_ZERO = 2;
  private static final int B = 3;
  private static final int B_SCALE = 4;
  private static final int B_ZERO = 5;
  private static final int Y_SCALE = 6;
  private static final int Y_ZERO = 7;

  public static QLinearMatMul of(NodeAttributes attributes) {
    return new QLinearMatMul();
  }

  @Override
  public String name() {
    return "QLinearMatMul";
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    MatrixBatch batch = MatrixBatch.of(inputs, inputs.shape(A), inputs.shape(B));
    return List.of(new TensorType(inputs.dtype(Y_ZERO), batch.output()));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Shape a = inputs.shape(A);
    boolean uniform = inputs.shape(A_SCALE).size() == 1;
    if (!QuantWeights.isConstant(inputs, B, B_ZERO) || !uniform) {
      return direct(MatrixBatch.of(inputs, a, inputs.shape(B)));
    }
    PackedQuantMatrix b = QuantWeights.packed(inputs, context, B, false, B_ZERO);
    int rows = a.product(0, a.rank() - 1);
    WorkspaceLayout layout = new WorkspaceLayout();
    long zeros = layout.addWords(rows);
    long multipliers = layout.addWords(b.n());
    long sums = layout.addWords((long) rows * b.n());
    long scratchBytes = context.kernels().quantGemm().workspaceBytes(rows, b);
    long scratch = layout.add(scratchBytes);
    boolean signed = inputs.dtype(A) == DType.INT8;
    KernelSet kernels = context.kernels();
    return PreparedOperator.withWorkspace(
        layout.bytes(),
        (in, out, run) -> {
          MemorySegment zeroPoints = run.workspace().asSlice(zeros, (long) rows * Integer.BYTES);
          for (int row = 0; row < rows; row++) {
            int zeroPoint = (int) in[A_ZERO].asLong(row % in[A_ZERO].size());
            zeroPoints.setAtIndex(ValueLayout.JAVA_INT, row, zeroPoint);
          }
          MemorySegment sum = run.workspace().asSlice(sums, (long) rows * b.n() * Integer.BYTES);
          kernels
              .quantGemm()
              .gemmI32(
                  rows,
                  in[A].segment(),
                  0,
                  b.k(),
                  signed,
                  zeroPoints,
                  b,
                  run.workspace().asSlice(scratch, scratchBytes),
                  sum,
                  0,
                  b.n(),
                  run.pool());
          Requantization requantization =
              requantization(in, out[0].dtype(), run.workspace().asSlice(multipliers), b.n());
          run.pool()
              .parallelFor(
                  rows,
                  Math.max(1, 16384 / Math.max(1, b.n())),
                  (from, to) -> {
                    long at = (long) from * b.n();
                    kernels
                        .quantize()
                        .requantize(
                            to - from, b.n(), sum, at, requantization, out[0].segment(), at);
                  });
        });
  }

  /** How sums become y, with one factor for each column. */
  private static Requantization requantization(
      Tensor[] in, DType type, MemorySegment multipliers, int columns) {
    for (int column = 0; column < columns; column++) {
      multipliers.setAtIndex(ValueLayout.JAVA_FLOAT, column, multiplier(in, 0, column));
    }
    int zeroPoint = (int) in[Y_ZERO].asLong(0);
    return type.isUnsigned()
        ? new Requantization(null, multipliers, zeroPoint, 0, 255)
        : new Requantization(null, multipliers, zeroPoint, -128, 127);
  }

  private static float multiplier(Tensor[] in, int row, int column) {
    float product =
        (float) in[A_SCALE].asDouble(row % in[A_SCALE].size())
            * (float) in[B_SCALE].asDouble(column % in[B_SCALE].size());
    return product / (float) in[Y_SCALE].asDouble(0);
  }

  /** The product from its definition, for what is not packed. */
  private static PreparedOperator direct(MatrixBatch batch) {
    return (in, out, run) -> {
      int zeroPoint = (int) in[Y_ZERO].asLong(0);
      for (int matrix = 0; matrix < batch.count(); matrix++) {
        for (int row = 0; row < batch.rows(); row++) {
          long aZero = in[A_ZERO].asLong(row % in[A_ZERO].size());
          for (int column = 0; column < batch.n(); column++) {
            long bZero = in[B_ZERO].asLong(column % in[B_ZERO].size());
            long sum = 0;
            for (int i = 0; i < batch.k(); i++) {
              sum +=
                  (in[A].asLong(batch.a(matrix, row, i)) - aZero)
                      * (in[B].asLong(batch.b(matrix, i, column)) - bZero);
            }
            long at = ((long) matrix * batch.rows() + row) * batch.n() + column;
            float scaled = (float) sum * multiplier(in, row, column);
            out[0].setFromLong(at, QuantizeLinear.quantized(scaled, zeroPoint, out[0].dtype()));
          }
        }
      }
    };
  }
}
