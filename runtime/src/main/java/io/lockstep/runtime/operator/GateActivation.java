package io.lockstep.runtime.operator;

import io.lockstep.runtime.error.UnsupportedModelException;
import io.lockstep.runtime.kernel.Activation;
import io.lockstep.runtime.kernel.UnaryFunction;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * An activation of a recurrent cell, as functions applied one after the other.
 *
 * @param steps ScaledTanh takes three, all others one
 */
record GateActivation(List<Activation> steps) {

  /**
   * The activations that a model names.
   *
   * @param alphas values for those functions that have an alpha, in order; may be shorter
   * @param betas values for those functions that have a beta, in order; may be shorter
   */
  static List<GateActivation> all(List<String> names, float[] alphas, float[] betas) {
    List<GateActivation> all = new ArrayList<>();
    int alpha = 0;
    int beta = 0;
    for (String name : names) {
      String key = name.toLowerCase(Locale.ROOT);
      float a = alphas.length > alpha ? alphas[alpha] : defaultAlpha(key);
      float b = betas.length > beta ? betas[beta] : defaultBeta(key);
      all.add(new GateActivation(steps(name, key, a, b)));
      alpha += hasAlpha(key) ? 1 : 0;
      beta += hasBeta(key) ? 1 : 0;
    }
    return List.copyOf(all);
  }

  private static List<Activation> steps(String name, String key, float alpha, float beta) {
    return switch (key) {
      case "relu" -> List.of(Activation.of(UnaryFunction.RELU));
      case "tanh" -> List.of(Activation.of(UnaryFunction.TANH));
      case "sigmoid" -> List.of(Activation.of(UnaryFunction.SIGMOID));
      case "softsign" -> List.of(Activation.of(UnaryFunction.SOFTSIGN));
      case "softplus" -> List.of(Activation.of(UnaryFunction.SOFTPLUS));
      case "leakyrelu" -> List.of(new Activation(UnaryFunction.LEAKY_RELU, alpha, 0));
      case "elu" -> List.of(new Activation(UnaryFunction.ELU, alpha, 0));
      case "affine" -> List.of(new Activation(UnaryFunction.AFFINE, alpha, beta));
      case "hardsigmoid" -> List.of(new Activation(UnaryFunction.HARD_SIGMOID, alpha, beta));
      case "scaledtanh" ->
          List.of(
              new Activation(UnaryFunction.AFFINE, beta, 0),
              Activation.of(UnaryFunction.TANH),
              new Activation(UnaryFunction.AFFINE, alpha, 0));
      default ->
          throw new UnsupportedModelException("the recurrent activation " + name + " is unknown");
    };
  }

  private static boolean hasAlpha(String key) {
    return switch (key) {
      case "leakyrelu", "elu", "affine", "hardsigmoid", "scaledtanh" -> true;
      default -> false;
    };
  }

  private static boolean hasBeta(String key) {
    return switch (key) {
      case "affine", "hardsigmoid", "scaledtanh" -> true;
      default -> false;
    };
  }

  private static float defaultAlpha(String key) {
    return switch (key) {
      case "leakyrelu" -> 0.01f;
      case "hardsigmoid" -> 0.2f;
      default -> 1;
    };
  }

  private static float defaultBeta(String key) {
    return switch (key) {
      case "hardsigmoid" -> 0.5f;
      case "scaledtanh" -> 1;
      default -> 0;
    };
  }
}
