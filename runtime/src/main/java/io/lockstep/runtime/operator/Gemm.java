package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.kernel.Activation;
import io.lockstep.runtime.kernel.PackedMatrix;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;

/**
 * ONNX Gemm 7-13: y = activation(alpha a b + beta c), the activation being what rewrites fuse.
 *
 * <p>Inputs: a [rows, k], or [k, rows] when transposed; b [k, n], or [n, k] when transposed;
 * optionally c, broadcasting to [rows, n].
 */
public record Gemm(
    float alpha, float beta, boolean transposeA, boolean transposeB, Activation activation)
    implements Operator {

  private static final int C = 2;

  static Operator of(NodeAttributes attributes) {
    return new Gemm(
        attributes.floatOr("alpha", 1),
        attributes.floatOr("beta", 1),
        attributes.intOr("transA", 0) != 0,
        attributes.intOr("transB", 0) != 0,
        Activation.NONE);
  }

  @Override
  public String name() {
    return "Gemm";
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Shape a = matrix(inputs, 0, transposeA);
    Shape b = matrix(inputs, 1, transposeB);
    if (inputs.dtype(0) != inputs.dtype(1)) {
      throw inputs.invalid(
          "operands are of different types: %s and %s".formatted(inputs.type(0), inputs.type(1)));
    }
    Shape output = MatrixBatch.of(inputs, a, b).output();
    if (inputs.has(C) && !BroadcastLoops.shape(inputs, output, inputs.shape(C)).equals(output)) {
      throw inputs.invalid("c %s does not broadcast to %s".formatted(inputs.shape(C), output));
    }
    return List.of(inputs.type(0).withShape(output));
  }

  private static Shape matrix(OperatorInputs inputs, int input, boolean transposed) {
    Shape shape = inputs.shape(input);
    if (shape.rank() != 2) {
      throw inputs.invalid("input " + input + " is " + shape + ", expected a matrix");
    }
    return transposed ? Shape.of(shape.extent(1), shape.extent(0)) : shape;
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    TensorType output = outputTypes(inputs).getFirst();
    boolean floats = output.dtype() == DType.FLOAT32;
    boolean columnBias =
        !inputs.has(C)
            || (beta == 1
                && inputs.shape(C).rank() >= 1
                && inputs.shape(C).size() == output.shape().extent(1)
                && inputs.shape(C).extent(-1) == output.shape().extent(1));
    int bias = inputs.has(C) && columnBias ? C : -1;
    MatrixBatch batch =
        MatrixBatch.of(inputs, matrix(inputs, 0, transposeA), matrix(inputs, 1, transposeB));
    if (floats && !transposeA && columnBias && inputs.constant(1).isPresent()) {
      PackedMatrix b = PackedProduct.pack(context, transposeB, alpha);
      return PackedProduct.prepare(context, batch.rows(), b, bias, activation);
    }
    if (floats && !transposeA && columnBias) {
      return new ProductBatch(context.kernels().gemm(), batch, transposeB, alpha, activation)
          .prepare(bias);
    }
    return direct(inputs, output, context);
  }

  /** The product from its definition, in double; for the rarer arrangements. */
  private PreparedOperator direct(
      OperatorInputs inputs, TensorType output, PrepareContext context) {
    int rows = output.shape().extent(0);
    int n = output.shape().extent(1);
    int k = matrix(inputs, 0, transposeA).extent(1);
    long[] c = inputs.has(C) ? BroadcastLoops.strides(output.shape(), inputs.shape(C)) : null;
    PreparedOperator then = Unary.prepare(activation, output, context.kernels().elementwise());
    return (in, out, run) -> {
      run.pool()
          .parallelFor(
              rows,
              1,
              (from, to) -> {
                for (int row = from; row < to; row++) {
                  for (int column = 0; column < n; column++) {
                    long at = (long) row * n + column;
                    long addend = c == null ? -1 : row * c[0] + column * c[1];
                    element(in, addend, out[0], at, dot(row, column, rows, k, n));
                  }
                }
              });
      if (!activation.isNone()) {
        then.run(out, out, run);
      }
    };
  }

  /** Where the elements of a row of a and a column of b lie. */
  private record Dot(long a, long aStep, long b, long bStep, int k) {}

  private Dot dot(int row, int column, int rows, int k, int n) {
    return new Dot(
        transposeA ? row : (long) row * k,
        transposeA ? rows : 1,
        transposeB ? (long) column * k : column,
        transposeB ? 1 : n,
        k);
  }

  private void element(Tensor[] in, long addend, Tensor y, long at, Dot dot) {
    if (y.dtype().isFloat()) {
      double sum = 0;
      for (int i = 0; i < dot.k; i++) {
        sum += in[0].asDouble(dot.a + i * dot.aStep) * in[1].asDouble(dot.b + i * dot.bStep);
      }
      double scaled = alpha * sum;
      y.setFromDouble(at, addend < 0 ? scaled : scaled + beta * in[C].asDouble(addend));
      return;
    }
    long sum = 0;
    for (int i = 0; i < dot.k; i++) {
      sum += in[0].asLong(dot.a + i * dot.aStep) * in[1].asLong(dot.b + i * dot.bStep);
    }
    long scaled = alpha == 1 ? sum : (long) (alpha * sum);
    long c = addend < 0 ? 0 : in[C].asLong(addend);
    y.setFromLong(at, scaled + (beta == 1 ? c : (long) (beta * c)));
  }
}
