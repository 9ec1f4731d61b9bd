package io.lockstep.runtime.operator;

import io.lockstep.runtime.error.UnsupportedModelException;
import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.Value;
import io.lockstep.runtime.kernel.Activation;
import io.lockstep.runtime.kernel.UnaryFunction;
import java.util.ArrayList;
import java.util.List;

/**
 * The com.microsoft operators that fuse a product, a bias or an activation: what ONNX Runtime's
 * optimiser writes into models.
 */
final class FusedRecipes {

  private FusedRecipes() {}

  /** FusedMatMul 1: alpha a b with either operand's last two axes swapped. */
  static Operator matMul(NodeAttributes attributes) {
    if (attributes.intOr("transBatchA", 0) != 0 || attributes.intOr("transBatchB", 0) != 0) {
      throw new UnsupportedModelException("FusedMatMul: transBatchA and transBatchB");
    }
    MatMul product =
        new MatMul(
            attributes.floatOr("alpha", 1), attributes.intOr("transB", 0) != 0, Activation.NONE);
    if (attributes.intOr("transA", 0) == 0) {
      return product;
    }
    return new Composed(
        "FusedMatMul",
        sketch -> {
          int rank = sketch.known().shape(0).rank();
          List<Integer> order = new ArrayList<>();
          for (int axis = 0; axis < rank; axis++) {
            order.add(axis);
          }
          if (rank > 1) {
            order.set(rank - 1, rank - 2);
            order.set(rank - 2, rank - 1);
          }
          Value a = sketch.node(new Transpose(order), sketch.input(0));
          return List.of(sketch.node(product, a, sketch.input(1)));
        });
  }

  /** FusedGemm 1: Gemm and an activation. */
  static Operator gemm(NodeAttributes attributes) {
    return new Gemm(
        attributes.floatOr("alpha", 1),
        attributes.floatOr("beta", 1),
        attributes.intOr("transA", 0) != 0,
        attributes.intOr("transB", 0) != 0,
        activation(
            attributes.stringOr("activation", ""),
            new float[] {
              attributes.floatOr("activation_alpha", 0), attributes.floatOr("activation_beta", 0)
            }));
  }

  /** FusedConv 1: Conv, a fourth input added to its result, and an activation. */
  static Operator conv(NodeAttributes attributes) {
    return Conv.of(attributes)
        .withActivation(
            activation(
                attributes.stringOr("activation", ""), attributes.floats("activation_params")));
  }

  private static Activation activation(String name, float[] parameters) {
    float alpha = parameters.length > 0 ? parameters[0] : 0;
    float beta = parameters.length > 1 ? parameters[1] : 0;
    return switch (name) {
      case "" -> Activation.NONE;
      case "Relu" -> Activation.of(UnaryFunction.RELU);
      case "Sigmoid" -> Activation.of(UnaryFunction.SIGMOID);
      case "Tanh" -> Activation.of(UnaryFunction.TANH);
      case "LeakyRelu" -> new Activation(UnaryFunction.LEAKY_RELU, alpha, 0);
      case "HardSigmoid" -> new Activation(UnaryFunction.HARD_SIGMOID, alpha, beta);
      case "Clip" -> new Activation(UnaryFunction.CLIP, alpha, beta);
      default -> throw new UnsupportedModelException("the fused activation " + name);
    };
  }

  /** Gelu 1. */
  static Operator gelu(NodeAttributes attributes) {
    return new Unary("Gelu", Activation.of(UnaryFunction.GELU));
  }

  /** QuickGelu 1: x sigmoid(alpha x). */
  static Operator quickGelu(NodeAttributes attributes) {
    float alpha = attributes.floatOr("alpha", 1.702f);
    return new Unary("QuickGelu", new Activation(UnaryFunction.SWISH, alpha, 0));
  }

  /** BiasGelu 1: gelu(x + bias). */
  static Operator biasGelu(NodeAttributes attributes) {
    return biased("BiasGelu", UnaryFunction.GELU);
  }

  /** FastGelu 1: the tanh form of gelu(x + bias), the bias optional. */
  static Operator fastGelu(NodeAttributes attributes) {
    return biased("FastGelu", UnaryFunction.GELU_TANH);
  }

  private static Operator biased(String name, UnaryFunction function) {
    Operator gelu = new Unary(name, Activation.of(function));
    return new Composed(
        name,
        sketch -> {
          Value x = sketch.input(0);
          Value bias = sketch.optional(1);
          return List.of(sketch.node(gelu, bias == null ? x : sketch.add(x, bias)));
        });
  }
}
