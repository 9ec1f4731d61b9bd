package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.Value;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import io.lockstep.runtime.tensor.Tensors;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Normalisations that amount to a few standard operators, most of them of com.microsoft. */
final class NormalizationRecipes {

  private NormalizationRecipes() {}

  /**
   * SkipLayerNormalization 1: layer normalisation of input + skip + bias. Inputs: input, skip,
   * gamma, beta, bias. Outputs: y, two unused statistics, the sum.
   */
  static Operator skipLayer(NodeAttributes attributes) {
    float epsilon = attributes.floatOr("epsilon", 1e-12f);
    return new Composed(
        "SkipLayerNormalization",
        sketch -> {
          Value sum = sum(sketch, sketch.optional(4));
          Value y = layer(sketch, epsilon, sum, sketch.input(2), sketch.optional(3));
          return List.of(y, sum, sum, sum);
        });
  }

  /**
   * SkipSimplifiedLayerNormalization 1: the same by root mean square. Inputs: input, skip, gamma,
   * bias. Outputs: y, two unused statistics, the sum.
   */
  static Operator skipSimplified(NodeAttributes attributes) {
    float epsilon = attributes.floatOr("epsilon", 1e-12f);
    return new Composed(
        "SkipSimplifiedLayerNormalization",
        sketch -> {
          Value sum = sum(sketch, sketch.optional(3));
          Operator norm = Sketch.standard("RMSNormalization", 2, 1, "epsilon", epsilon);
          return List.of(sketch.node(norm, sum, sketch.input(2)), sum, sum, sum);
        });
  }

  private static Value sum(Sketch sketch, @Nullable Value bias) {
    Value sum = sketch.add(sketch.input(0), sketch.input(1));
    return bias == null ? sum : sketch.add(sum, bias);
  }

  private static Value layer(
      Sketch sketch, float epsilon, Value x, Value gamma, @Nullable Value beta) {
    Operator norm =
        Sketch.standard("LayerNormalization", beta == null ? 2 : 3, 1, "epsilon", epsilon);
    return sketch.node(norm, x, gamma, beta);
  }

  /** SimplifiedLayerNormalization 1, also found in ai.onnx: x / sqrt(mean(x^2) + epsilon) scale. */
  static Operator simplified(NodeAttributes attributes) {
    return Sketch.standard(
        "RMSNormalization",
        2,
        1,
        "axis",
        attributes.intOr("axis", -1),
        "epsilon",
        attributes.floatOr("epsilon", 1e-5f));
  }

  /** ONNX MeanVarianceNormalization 9-13: (x - mean) / (deviation + 1e-9) over some axes. */
  static Operator meanVariance(NodeAttributes attributes) {
    long[] axes = attributes.has("axes") ? attributes.ints("axes") : new long[] {0, 2, 3};
    return new Composed(
        "MeanVarianceNormalization",
        sketch -> {
          Operator mean = Sketch.standard("ReduceMean", 2, 1);
          Operator subtract = Sketch.standard("Sub", 2, 1);
          Value over = sketch.constant(Tensors.vector(axes));
          Value deviations =
              sketch.node(subtract, sketch.input(0), sketch.node(mean, sketch.input(0), over));
          Value variance = sketch.node(mean, sketch.multiply(deviations, deviations), over);
          Value deviation =
              sketch.add(sketch.node(Sketch.standard("Sqrt", 1, 1), variance), small(sketch, 1e-9));
          return List.of(sketch.node(Sketch.standard("Div", 2, 1), deviations, deviation));
        });
  }

  /** ONNX LpNormalization 1-22: x by its 1-norm or 2-norm along an axis; zeros stay. */
  static Operator norm(NodeAttributes attributes) {
    long axis = attributes.intOr("axis", -1);
    String reduction = attributes.intOr("p", 2) == 1 ? "ReduceL1" : "ReduceL2";
    return new Composed(
        "LpNormalization",
        sketch -> {
          Value over = sketch.constant(Tensors.vector(axis));
          Value norm = sketch.node(Sketch.standard(reduction, 2, 1), sketch.input(0), over);
          Value divisor =
              sketch.node(Sketch.standard("Max", 2, 1), norm, small(sketch, Float.MIN_NORMAL));
          return List.of(sketch.node(Sketch.standard("Div", 2, 1), sketch.input(0), divisor));
        });
  }

  /** A constant of the first input's type. */
  private static Value small(Sketch sketch, double number) {
    Tensor constant = Tensors.zeros(new TensorType(sketch.known().dtype(0), Shape.scalar()));
    constant.setFromDouble(0, number);
    return sketch.constant(constant);
  }

  /**
   * EmbedLayerNormalization 1: layer normalisation of the sum of word, position and segment rows.
   * Inputs: ids [batch, length], segment ids, word, position and segment tables, gamma, beta, mask
   * [batch, length], position ids. Outputs: y, how many ones each mask row has, the sum.
   */
  static Operator embed(NodeAttributes attributes) {
    float epsilon = attributes.floatOr("epsilon", 1e-12f);
    return new Composed(
        "EmbedLayerNormalization",
        sketch -> {
          Operator gather = Sketch.standard("Gather", 2, 1, "axis", 0L);
          Shape ids = sketch.known().shape(0);
          Value sum = sketch.node(gather, sketch.input(2), sketch.input(0));
          Value positions = sketch.optional(8);
          if (positions == null) {
            long[] all = new long[ids.extent(1)];
            Arrays.setAll(all, i -> i);
            positions = sketch.constant(Tensors.vector(all));
          }
          sum = sketch.add(sum, sketch.node(gather, sketch.input(3), positions));
          Value segments = sketch.optional(1);
          if (segments != null) {
            sum = sketch.add(sum, sketch.node(gather, sketch.input(4), segments));
          }
          Value mask = sketch.optional(7);
          Value counts =
              mask == null
                  ? sketch.constant(Tensors.zeros(TensorType.of(DType.INT32, ids.extent(0))))
                  : sketch.node(
                      Sketch.standard("ReduceSum", 2, 1, "keepdims", 0L),
                      mask,
                      sketch.constant(Tensors.vector(1)));
          Value y = layer(sketch, epsilon, sum, sketch.input(5), sketch.optional(6));
          return List.of(y, counts, sum);
        });
  }
}
