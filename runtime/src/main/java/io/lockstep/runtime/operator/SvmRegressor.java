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

/**
 * ONNX-ML SVMRegressor 1: x [rows, features] to [rows, 1], the weighted comparisons with all
 * support vectors plus rho; for a one-class machine its sign.
 *
 * @param supports how many support vectors there are; 0 for a linear machine
 */
record SvmRegressor(SupportVectors machine, int supports, boolean oneClass, PostTransform transform)
    implements Operator {

  static Operator of(NodeAttributes attributes) {
    return new SvmRegressor(
        SupportVectors.of(attributes),
        Math.toIntExact(attributes.intOr("n_supports", 0)),
        attributes.intOr("one_class", 0) != 0,
        PostTransform.of(attributes.stringOr("post_transform", "NONE")));
  }

  @Override
  public String name() {
    return "SVMRegressor";
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    FeatureRows rows = FeatureRows.of(inputs);
    int elements = supports > 0 ? machine.vectorElements() : machine.coefficientCount();
    if (elements != Math.max(1, supports) * rows.features() || machine.rhoCount() < 1) {
      throw inputs.invalid(
          "%d support vectors hold %d elements, expected %d features each"
              .formatted(supports, elements, rows.features()));
    }
    return List.of(new TensorType(DType.FLOAT32, Shape.of(rows.rows(), 1)));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    FeatureRows rows = FeatureRows.of(inputs);
    return (in, out, run) ->
        run.pool()
            .parallelFor(
                rows.rows(),
                16,
                (from, to) -> {
                  for (int row = from; row < to; row++) {
                    double score = score(in[0], row, rows.features());
                    out[0].setFromDouble(row, oneClass ? (score > 0 ? 1 : -1) : score);
                    if (transform == PostTransform.PROBIT) {
                      transform.apply(out[0], row, 1);
                    }
                  }
                });
  }

  private double score(Tensor x, int row, int features) {
    long first = (long) row * features;
    if (supports == 0) {
      return machine.compareCoefficients(x, first, features, 0) + machine.rho(0);
    }
    double sum = machine.rho(0);
    for (int vector = 0; vector < supports; vector++) {
      sum += machine.coefficient(vector) * machine.compare(x, first, features, vector);
    }
    return sum;
  }
}
