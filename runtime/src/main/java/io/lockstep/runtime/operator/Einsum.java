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
import java.util.List;
import java.util.Optional;

/**
 * ONNX Einsum 12: the products of elements with equal labels, summed over the labels that the
 * output lacks. Two operands that contract like matrices go through the matrix kernel.
 */
record Einsum(String equation) implements Operator {

  static Einsum of(NodeAttributes attributes) {
    return new Einsum(attributes.stringOr("equation", ""));
  }

  @Override
  public String name() {
    return "Einsum";
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    DType dtype = inputs.dtype(0);
    for (int i = 0; i < inputs.count(); i++) {
      if (inputs.dtype(i) != dtype || dtype == DType.BOOL || dtype == DType.STRING) {
        throw inputs.invalid(
            "expected numbers of one type but got " + inputs.type(0) + ", " + inputs.type(i));
      }
    }
    return List.of(new TensorType(dtype, EinsumEquation.of(equation, inputs).outputShape()));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    EinsumEquation parsed = EinsumEquation.of(equation, inputs);
    if (inputs.count() == 2 && inputs.dtype(0) == DType.FLOAT32) {
      Optional<PreparedOperator> product =
          EinsumProduct.of(parsed, inputs.shape(0), inputs.shape(1))
              .map(found -> found.prepare(context.kernels().gemm()));
      if (product.isPresent()) {
        return product.get();
      }
    }
    return definition(inputs, parsed);
  }

  private static PreparedOperator definition(OperatorInputs inputs, EinsumEquation parsed) {
    int count = inputs.count();
    StridedWalk[] kept = new StridedWalk[count];
    StridedWalk[] summed = new StridedWalk[count];
    for (int i = 0; i < count; i++) {
      Shape x = inputs.shape(i);
      kept[i] =
          new StridedWalk(parsed.extents(parsed.output()), parsed.strides(i, x, parsed.output()));
      summed[i] =
          new StridedWalk(parsed.extents(parsed.summed()), parsed.strides(i, x, parsed.summed()));
    }
    int terms = Shape.of(parsed.extents(parsed.summed())).intSize();
    boolean isFloat = inputs.dtype(0).isFloat();
    return (in, out, run) ->
        run.pool()
            .parallelFor(
                (int) out[0].size(),
                Chunks.grainRows(terms),
                (from, to) -> {
                  for (int i = from; i < to; i++) {
                    if (isFloat) {
                      out[0].setFromDouble(i, doubles(in, kept, summed, terms, i));
                    } else {
                      out[0].setFromLong(i, longs(in, kept, summed, terms, i));
                    }
                  }
                });
  }

  private static double doubles(
      Tensor[] in, StridedWalk[] kept, StridedWalk[] summed, int terms, int at) {
    double sum = 0;
    for (int term = 0; term < terms; term++) {
      double product = 1;
      for (int i = 0; i < in.length; i++) {
        product *= in[i].asDouble(kept[i].offset(at) + summed[i].offset(term));
      }
      sum += product;
    }
    return sum;
  }

  private static long longs(
      Tensor[] in, StridedWalk[] kept, StridedWalk[] summed, int terms, int at) {
    long sum = 0;
    for (int term = 0; term < terms; term++) {
      long product = 1;
      for (int i = 0; i < in.length; i++) {
        product *= in[i].asLong(kept[i].offset(at) + summed[i].offset(term));
      }
      sum += product;
    }
    return sum;
  }
}
