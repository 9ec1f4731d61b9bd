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
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;

/**
 * ONNX MatMul 1-13, with what rewrites fuse into it: activation(alpha a b + bias).
 *
 * <p>Inputs: a [..., rows, k]; b [..., k, n], leading axes broadcast, a vector is one row or one
 * column; optionally bias [n].
 *
 * @param transposeB whether the matrices of b are [n, k]; b then has at least two axes
 */
public record MatMul(float alpha, boolean transposeB, Activation activation) implements Operator {

  private static final int BIAS = 2;

  static Operator of(NodeAttributes attributes) {
    return new MatMul(1, false, Activation.NONE);
  }

  @Override
  public String name() {
    return "MatMul";
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    if (inputs.dtype(0) != inputs.dtype(1)) {
      throw inputs.invalid(
          "operands are of different types: %s and %s".formatted(inputs.type(0), inputs.type(1)));
    }
    MatrixBatch batch = batch(inputs, inputs.shape(0));
    if (inputs.has(BIAS) && inputs.shape(BIAS).size() != batch.n()) {
      throw inputs.invalid("bias %s for %d columns".formatted(inputs.shape(BIAS), batch.n()));
    }
    return List.of(inputs.type(0).withShape(batch.output()));
  }

  private MatrixBatch batch(OperatorInputs inputs, Shape a) {
    Shape b = inputs.shape(1);
    boolean swapped = transposeB && b.rank() >= 2;
    Shape untransposed =
        swapped ? b.with(b.rank() - 2, b.extent(-1)).with(b.rank() - 1, b.extent(-2)) : b;
    return MatrixBatch.of(inputs, a, untransposed);
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Shape a = inputs.shape(0);
    Shape b = inputs.shape(1);
    int bias = inputs.has(BIAS) ? BIAS : -1;
    // One matrix on the right serves all rows, however many axes they are spread over.
    boolean shared = b.rank() == 2 && a.rank() > 2;
    MatrixBatch batch =
        batch(inputs, shared ? Shape.of(a.product(0, a.rank() - 1), a.extent(-1)) : a);
    if (inputs.dtype(0) != DType.FLOAT32) {
      PreparedOperator direct = ProductBatch.direct(batch, transposeB, alpha, bias);
      return withActivation(direct, inputs, context);
    }
    if (inputs.constant(1).isPresent() && b.rank() == 2) {
      PackedMatrix packed = PackedProduct.pack(context, transposeB, alpha);
      return PackedProduct.prepare(context, batch.rows(), packed, bias, activation);
    }
    return new ProductBatch(context.kernels().gemm(), batch, transposeB, alpha, activation)
        .prepare(bias);
  }

  private PreparedOperator withActivation(
      PreparedOperator product, OperatorInputs inputs, PrepareContext context) {
    if (activation.isNone()) {
      return product;
    }
    TensorType output = outputTypes(inputs).getFirst();
    PreparedOperator then = Unary.prepare(activation, output, context.kernels().elementwise());
    return (in, out, run) -> {
      product.run(in, out, run);
      then.run(out, out, run);
    };
  }
}
