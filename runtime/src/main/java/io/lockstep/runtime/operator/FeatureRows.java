package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.tensor.Shape;

/**
 * The rows of features that an ONNX-ML model works on: x is [rows, features], or one row
 * [features].
 */
record FeatureRows(int rows, int features) {

  static FeatureRows of(OperatorInputs inputs) {
    Shape x = inputs.shape(0);
    if (x.rank() < 1 || x.rank() > 2) {
      throw inputs.invalid("input is " + inputs.type(0) + ", expected [rows, features]");
    }
    return new FeatureRows(x.rank() == 1 ? 1 : x.extent(0), x.extent(-1));
  }
}
