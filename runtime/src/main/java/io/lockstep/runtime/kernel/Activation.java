package io.lockstep.runtime.kernel;

/**
 * A function applied to each element as a kernel stores it.
 *
 * @param function which function; null-free: {@link UnaryFunction#IDENTITY} for none
 * @param alpha its first parameter, 0 where it has none
 * @param beta its second parameter, 0 where it has none
 */
public record Activation(UnaryFunction function, float alpha, float beta) {

  public static final Activation NONE = new Activation(UnaryFunction.IDENTITY, 0, 0);

  public static Activation of(UnaryFunction function) {
    return new Activation(function, 0, 0);
  }

  public boolean isNone() {
    return function == UnaryFunction.IDENTITY;
  }
}
