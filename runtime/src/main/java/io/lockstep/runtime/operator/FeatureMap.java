package io.lockstep.runtime.operator;

import io.lockstep.runtime.error.UnsupportedModelException;
import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;

/**
 * ONNX-ML operators that change each number of x [..., features] by itself or by its row: Scaler,
 * Normalizer, Binarizer and Imputer, all version 1.
 *
 * @param first Scaler's offsets, Imputer's replacements, Binarizer's threshold
 * @param second Scaler's factors, Imputer's replaced value
 */
record FeatureMap(Kind kind, List<Double> first, List<Double> second) implements Operator {

  /** What happens to a number. */
  enum Kind {
    /** (x - offset) scale, for each feature. */
    SCALER,
    /** x by the row's largest number. */
    NORMALIZER_MAX,
    /** x by the sum of the row's magnitudes. */
    NORMALIZER_L1,
    /** x by the root of the sum of the row's squares. */
    NORMALIZER_L2,
    /** 1 above the threshold, else 0. */
    BINARIZER,
    /** The replacement where x is the replaced value. */
    IMPUTER
  }

  static Operator scaler(NodeAttributes attributes) {
    return new FeatureMap(
        Kind.SCALER, list(attributes.floats("offset")), list(attributes.floats("scale")));
  }

  static Operator normalizer(NodeAttributes attributes) {
    String norm = attributes.stringOr("norm", "MAX");
    Kind kind =
        switch (norm) {
          case "MAX" -> Kind.NORMALIZER_MAX;
          case "L1" -> Kind.NORMALIZER_L1;
          case "L2" -> Kind.NORMALIZER_L2;
          default -> throw new UnsupportedModelException("Normalizer: norm " + norm);
        };
    return new FeatureMap(kind, List.of(), List.of());
  }

  static Operator binarizer(NodeAttributes attributes) {
    double threshold = attributes.floatOr("threshold", 0);
    return new FeatureMap(Kind.BINARIZER, List.of(threshold), List.of());
  }

  static Operator imputer(NodeAttributes attributes) {
    List<Double> floats = list(attributes.floats("imputed_value_floats"));
    if (!floats.isEmpty()) {
      double replaced = attributes.floatOr("replaced_value_float", 0);
      return new FeatureMap(Kind.IMPUTER, floats, List.of(replaced));
    }
    List<Double> integers = new ArrayList<>();
    for (long value : attributes.ints("imputed_value_int64s")) {
      integers.add((double) value);
    }
    double replaced = attributes.intOr("replaced_value_int64", 0);
    return new FeatureMap(Kind.IMPUTER, List.copyOf(integers), List.of(replaced));
  }

  private static List<Double> list(float[] values) {
    List<Double> list = new ArrayList<>();
    for (float value : values) {
      list.add((double) value);
    }
    return List.copyOf(list);
  }

  @Override
  public String name() {
    return switch (kind) {
      case SCALER -> "Scaler";
      case NORMALIZER_MAX, NORMALIZER_L1, NORMALIZER_L2 -> "Normalizer";
      case BINARIZER -> "Binarizer";
      case IMPUTER -> "Imputer";
    };
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Shape x = inputs.shape(0);
    int features = x.rank() == 0 ? 1 : x.extent(-1);
    for (List<Double> parameters : List.of(first, second)) {
      if (parameters.size() > 1 && parameters.size() != features) {
        throw inputs.invalid(
            "%d parameters for %d features".formatted(parameters.size(), features));
      }
    }
    boolean kept = kind == Kind.BINARIZER || kind == Kind.IMPUTER;
    return List.of(kept ? inputs.type(0) : inputs.type(0).withDType(DType.FLOAT32));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Shape x = inputs.shape(0);
    int features = x.rank() == 0 ? 1 : x.extent(-1);
    int rows = features == 0 ? 0 : Math.toIntExact(x.size() / features);
    return (in, out, run) -> {
      for (int row = 0; row < rows; row++) {
        long at = (long) row * features;
        double norm = norm(in[0], at, features);
        for (int i = 0; i < features; i++) {
          out[0].setFromDouble(at + i, element(in[0].asDouble(at + i), i, norm));
        }
      }
    };
  }

  private double element(double x, int feature, double norm) {
    return switch (kind) {
      case SCALER -> (x - parameter(first, feature, 0)) * parameter(second, feature, 1);
      case NORMALIZER_MAX, NORMALIZER_L1, NORMALIZER_L2 -> norm == 0 ? x : x / norm;
      case BINARIZER -> x > first.getFirst() ? 1 : 0;
      case IMPUTER -> {
        double replaced = second.getFirst();
        boolean missing = Double.isNaN(replaced) ? Double.isNaN(x) : x == replaced;
        yield missing ? parameter(first, feature, 0) : x;
      }
    };
  }

  private static double parameter(List<Double> parameters, int feature, double absent) {
    return parameters.isEmpty() ? absent : parameters.get(feature % parameters.size());
  }

  /** What a row is divided by; 0 leaves it as it is. */
  private double norm(Tensor x, long first, int features) {
    double norm = kind == Kind.NORMALIZER_MAX ? Double.NEGATIVE_INFINITY : 0;
    for (long i = first; i < first + features; i++) {
      double value = x.asDouble(i);
      norm =
          switch (kind) {
            case NORMALIZER_MAX -> Math.max(norm, value);
            case NORMALIZER_L1 -> norm + Math.abs(value);
            case NORMALIZER_L2 -> norm + value * value;
            case SCALER, BINARIZER, IMPUTER -> 0;
          };
    }
    return kind == Kind.NORMALIZER_L2 ? Math.sqrt(norm) : norm;
  }
}
