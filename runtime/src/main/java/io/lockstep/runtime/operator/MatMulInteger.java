package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.kernel.PackedQuantMatrix;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * ONNX MatMulInteger 10: (a - aZeroPoint) (b - bZeroPoint) in 32-bit integers.
 *
 * <p>Inputs: a INT8 or UINT8 [..., rows, k]; b INT8 or UINT8 [..., k, n]; a's zero point, scalar or
 * [rows]; b's zero point, scalar or [n]; both optional.
 */
public record MatMulInteger() implements Operator {

  private static final int A_ZERO = 2;
  private static final int B_ZERO = 3;

  public static MatMulInteger of(NodeAttributes attributes) {
    return new MatMulInteger();
  }

  @Override
  public String name() {
    return "MatMulInteger";
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    MatrixBatch batch = MatrixBatch.of(inputs, inputs.shape(0), inputs.shape(1));
    return List.of(new TensorType(DType.INT32, batch.output()));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Shape a = inputs.shape(0);
    if (!QuantWeights.isConstant(inputs, 1, B_ZERO) || a.rank() == 0) {
      return direct(MatrixBatch.of(inputs, a, inputs.shape(1)));
    }
    PackedQuantMatrix b = QuantWeights.packed(inputs, context, 1, false, B_ZERO);
    int rows = b.k() == 0 ? a.product(0, a.rank() - 1) : Math.toIntExact(a.size() / b.k());
    WorkspaceLayout layout = new WorkspaceLayout();
    long zeros = layout.addWords(rows);
    long scratchBytes = context.kernels().quantGemm().workspaceBytes(rows, b);
    long scratch = layout.add(scratchBytes);
    boolean signed = inputs.dtype(0) == DType.INT8;
    return PreparedOperator.withWorkspace(
        layout.bytes(),
        (in, out, run) -> {
          MemorySegment zeroPoints = run.workspace().asSlice(zeros, (long) rows * Integer.BYTES);
          fillZeroPoints(in, zeroPoints, rows);
          context
              .kernels()
              .quantGemm()
              .gemmI32(
                  rows,
                  in[0].segment(),
                  0,
                  b.k(),
                  signed,
                  zeroPoints,
                  b,
                  run.workspace().asSlice(scratch, scratchBytes),
                  out[0].segment(),
                  0,
                  b.n(),
                  run.pool());
        });
  }

  /** Writes each row's zero point; a vector of them repeats for every matrix of a batch. */
  private static void fillZeroPoints(Tensor[] in, MemorySegment zeroPoints, int rows) {
    for (int row = 0; row < rows; row++) {
      zeroPoints.setAtIndex(ValueLayout.JAVA_INT, row, zeroPoint(in, A_ZERO, row));
    }
  }

  private static int zeroPoint(Tensor[] in, int input, int index) {
    if (in.length <= input || in[input] == null) {
      return 0;
    }
    return (int) in[input].asLong(index % in[input].size());
  }

  /** The product from its definition, for a right-hand side that only a run knows. */
  private static PreparedOperator direct(MatrixBatch batch) {
    return (in, out, run) -> {
      for (int matrix = 0; matrix < batch.count(); matrix++) {
        for (int row = 0; row < batch.rows(); row++) {
          int aZero = zeroPoint(in, A_ZERO, row);
          for (int column = 0; column < batch.n(); column++) {
            int bZero = zeroPoint(in, B_ZERO, column);
            long sum = 0;
            for (int i = 0; i < batch.k(); i++) {
              sum +=
                  (in[0].asLong(batch.a(matrix, row, i)) - aZero)
                      * (in[1].asLong(batch.b(matrix, i, column)) - bZero);
            }
            out[0].setInt(((long) matrix * batch.rows() + row) * batch.n() + column, (int) sum);
          }
        }
      }
    };
  }
}
