package io.lockstep.models.recurrent;

/**
 * A gated recurrent unit in double precision, forward and backward through time.
 *
 * <p>Its weights lie in a caller's parameter vector, from 0 on: input weights [3 * hidden, inputs],
 * recurrent weights [3 * hidden, hidden], input biases [3 * hidden], recurrent biases [3 * hidden].
 * The three blocks of rows are the update, reset and candidate gates: the order z, r, h of the ONNX
 * operator GRU-14, so that every part can be written to a file as it is.
 */
record Gru(int inputs, int hidden) {
  /*
   * With linear_before_reset = 1, at each step:
   *   z = sigmoid(Wz x + bz + Rz h + cz)
   *   r = sigmoid(Wr x + br + Rr h + cr)
   *   q = Rh h + ch
   *   n = tanh(Wh x + bh + r * q)
   *   h' = (1 - z) * n + z * h
   * Going back, with dh' known and da the gradient of what stands in a gate's brackets:
   *   dn = dh' (1 - z),  dah = dn (1 - n^2),  dr = dah q,  dq = dah r
   *   dz = dh' (h - n),  daz = dz z (1 - z),  dar = dr r (1 - r)
   *   dh = dh' z + Rz^T daz + Rr^T dar + Rh^T dq
   */

  /** What a forward run leaves behind for the backward one. */
  static final class Trace {
    private final double[] update; // [steps, hidden]
    private final double[] reset; // [steps, hidden]
    private final double[] candidate; // [steps, hidden]
    private final double[] recurrentCandidate; // q, [steps, hidden]
    private final double[] hidden; // [steps + 1, hidden], the first row the initial state

    Trace(int steps, int hiddenSize) {
      this.update = new double[steps * hiddenSize];
      this.reset = new double[steps * hiddenSize];
      this.candidate = new double[steps * hiddenSize];
      this.recurrentCandidate = new double[steps * hiddenSize];
      this.hidden = new double[(steps + 1) * hiddenSize];
    }

    /** The states, [steps + 1, hidden]; row t + 1 is the state after step t. */
    double[] hidden() {
      return hidden;
    }
  }

  int recurrentWeights() {
    return 3 * hidden * inputs;
  }

  int inputBiases() {
    return recurrentWeights() + 3 * hidden * hidden;
  }

  int recurrentBiases() {
    return inputBiases() + 3 * hidden;
  }

  int parameterCount() {
    return recurrentBiases() + 3 * hidden;
  }

  /**
   * Runs over a sequence, from a state of zeros.
   *
   * @param x the sequence, [steps, inputs]
   */
  Trace forward(double[] parameters, double[] x) {
    int steps = x.length / inputs;
    var trace = new Trace(steps, hidden);
    for (int step = 0; step < steps; step++) {
      for (int unit = 0; unit < hidden; unit++) {
        int at = step * hidden + unit;
        double z =
            sigmoid(inputSum(parameters, unit, x, step) + stateSum(parameters, unit, trace, step));
        int resetRow = hidden + unit;
        double r =
            sigmoid(
                inputSum(parameters, resetRow, x, step)
                    + stateSum(parameters, resetRow, trace, step));
        int candidateRow = 2 * hidden + unit;
        double q = stateSum(parameters, candidateRow, trace, step);
        double n = StrictMath.tanh(inputSum(parameters, candidateRow, x, step) + r * q);
        trace.update[at] = z;
        trace.reset[at] = r;
        trace.recurrentCandidate[at] = q;
        trace.candidate[at] = n;
        trace.hidden[at + hidden] = (1 - z) * n + z * trace.hidden[at];
      }
    }
    return trace;
  }

  /**
   * Adds the loss's gradient to {@code gradient}.
   *
   * @param x the sequence of the forward run, [steps, inputs]
   * @param fromOutputs the loss's gradient by each state as an output, [steps, hidden]
   * @param gradient as long as the parameters
   */
  void backward(
      double[] parameters, double[] x, Trace trace, double[] fromOutputs, double[] gradient) {
    double[] fromNext = new double[hidden]; // by the state after the step, from later steps
    double[] gateInputs = new double[3 * hidden]; // by Wx + b of each gate
    double[] gateStates = new double[3 * hidden]; // by Rh + c of each gate
    for (int step = x.length / inputs - 1; step >= 0; step--) {
      double[] fromThis = new double[hidden]; // by the state before the step
      for (int unit = 0; unit < hidden; unit++) {
        int at = step * hidden + unit;
        double z = trace.update[at];
        double r = trace.reset[at];
        double n = trace.candidate[at];
        double byState = fromOutputs[at] + fromNext[unit];
        double byCandidate = byState * (1 - z) * (1 - n * n);
        double byUpdate = byState * (trace.hidden[at] - n) * z * (1 - z);
        double byReset = byCandidate * trace.recurrentCandidate[at] * r * (1 - r);
        gateInputs[unit] = byUpdate;
        gateInputs[hidden + unit] = byReset;
        gateInputs[2 * hidden + unit] = byCandidate;
        gateStates[unit] = byUpdate;
        gateStates[hidden + unit] = byReset;
        gateStates[2 * hidden + unit] = byCandidate * r;
        fromThis[unit] = byState * z;
      }
      for (int row = 0; row < 3 * hidden; row++) {
        addInputGradient(row, gateInputs[row], x, step, gradient);
        addStateGradient(row, gateStates[row], trace, step, gradient);
        for (int unit = 0; unit < hidden; unit++) {
          fromThis[unit] += gateStates[row] * parameters[recurrentWeights() + row * hidden + unit];
        }
      }
      fromNext = fromThis;
    }
  }

  /** W x + b for one row of the gates. */
  private double inputSum(double[] parameters, int row, double[] x, int step) {
    double sum = parameters[inputBiases() + row];
    for (int i = 0; i < inputs; i++) {
      sum += parameters[row * inputs + i] * x[step * inputs + i];
    }
    return sum;
  }

  /** R h + c for one row of the gates, h the state before the step. */
  private double stateSum(double[] parameters, int row, Trace trace, int step) {
    double sum = parameters[recurrentBiases() + row];
    int weights = recurrentWeights() + row * hidden;
    for (int i = 0; i < hidden; i++) {
      sum += parameters[weights + i] * trace.hidden[step * hidden + i];
    }
    return sum;
  }

  private void addInputGradient(int row, double bySum, double[] x, int step, double[] gradient) {
    gradient[inputBiases() + row] += bySum;
    for (int i = 0; i < inputs; i++) {
      gradient[row * inputs + i] += bySum * x[step * inputs + i];
    }
  }

  private void addStateGradient(int row, double bySum, Trace trace, int step, double[] gradient) {
    gradient[recurrentBiases() + row] += bySum;
    int weights = recurrentWeights() + row * hidden;
    for (int i = 0; i < hidden; i++) {
      gradient[weights + i] += bySum * trace.hidden[step * hidden + i];
    }
  }

  private static double sigmoid(double x) {
    return 1 / (1 + StrictMath.exp(-x));
  }
}
