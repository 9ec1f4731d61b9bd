package io.lockstep.models.recurrent;

/**
 * A {@link Gru} with a linear layer that reads the next {@code horizon} values from its state.
 *
 * <p>The parameter vector holds the GRU's, then the layer's weights [horizon, hidden] and biases
 * [horizon].
 */
record ForecastNetwork(Gru gru, int horizon) {

  /** One piece of a series to learn from. */
  static final class Window {
    private final double[] inputs; // what the network sees, [steps, inputs]
    private final double[] values; // [steps + horizon]; answer k of step t is element t + 1 + k
    private final int warmUp; // first steps, whose answers do not count: too little is seen

    Window(double[] inputs, double[] values, int warmUp) {
      this.inputs = inputs;
      this.values = values;
      this.warmUp = warmUp;
    }
  }

  int layerBiases() {
    return gru.parameterCount() + horizon * gru.hidden();
  }

  int parameterCount() {
    return layerBiases() + horizon;
  }

  /**
   * The answers after the last step of a sequence, [horizon].
   *
   * @param inputs the sequence, [steps, inputs]
   */
  double[] answer(double[] parameters, double[] inputs) {
    Gru.Trace trace = gru.forward(parameters, inputs);
    double[] answers = new double[horizon];
    for (int k = 0; k < horizon; k++) {
      answers[k] = answer(parameters, trace, inputs.length / gru.inputs() - 1, k);
    }
    return answers;
  }

  /**
   * The mean squared error over a window's answers.
   *
   * @param gradient the gradient is added to it
   */
  double loss(double[] parameters, Window window, double[] gradient) {
    int steps = window.values.length - horizon;
    Gru.Trace trace = gru.forward(parameters, window.inputs);
    double[] fromOutputs = new double[steps * gru.hidden()];
    double scale = 1.0 / ((steps - window.warmUp) * horizon);
    double loss = 0;
    for (int step = window.warmUp; step < steps; step++) {
      for (int k = 0; k < horizon; k++) {
        double error = answer(parameters, trace, step, k) - window.values[step + 1 + k];
        loss += scale * error * error;
        addGradient(trace, step, k, 2 * scale * error, gradient);
        addToStates(parameters, step, k, 2 * scale * error, fromOutputs);
      }
    }
    gru.backward(parameters, window.inputs, trace, fromOutputs, gradient);
    return loss;
  }

  private double answer(double[] parameters, Gru.Trace trace, int step, int k) {
    double sum = parameters[layerBiases() + k];
    int weights = gru.parameterCount() + k * gru.hidden();
    int state = (step + 1) * gru.hidden();
    for (int i = 0; i < gru.hidden(); i++) {
      sum += parameters[weights + i] * trace.hidden()[state + i];
    }
    return sum;
  }

  /** Adds what an answer's gradient means for the layer's own weights and bias. */
  private void addGradient(Gru.Trace trace, int step, int k, double byAnswer, double[] gradient) {
    gradient[layerBiases() + k] += byAnswer;
    int weights = gru.parameterCount() + k * gru.hidden();
    int state = (step + 1) * gru.hidden();
    for (int i = 0; i < gru.hidden(); i++) {
      gradient[weights + i] += byAnswer * trace.hidden()[state + i];
    }
  }

  /** Adds what an answer's gradient means for the state after its step. */
  private void addToStates(
      double[] parameters, int step, int k, double byAnswer, double[] fromOutputs) {
    int weights = gru.parameterCount() + k * gru.hidden();
    for (int i = 0; i < gru.hidden(); i++) {
      fromOutputs[step * gru.hidden() + i] += byAnswer * parameters[weights + i];
    }
  }
}
