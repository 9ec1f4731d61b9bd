package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * ONNX STFT 17: the Fourier transforms of frames of a signal, {@code step} apart.
 *
 * <p>Inputs: signal [batch, length, 1 or 2]; step; optional window [frame length]; optional frame
 * length. y [batch, frames, bins, 2].
 */
record Stft(boolean oneSided) implements Operator {

  private static final int STEP = 1;
  private static final int WINDOW = 2;
  private static final int LENGTH = 3;

  static Operator of(NodeAttributes attributes) {
    return new Stft(attributes.intOr("onesided", 1) != 0);
  }

  @Override
  public String name() {
    return "STFT";
  }

  @Override
  public boolean needsValue(int input) {
    return input == STEP || input == LENGTH;
  }

  private static int frameLength(OperatorInputs inputs) {
    if (inputs.has(LENGTH)) {
      return Math.toIntExact(inputs.value(LENGTH).asLong(0));
    }
    return inputs.has(WINDOW) ? inputs.shape(WINDOW).intSize() : inputs.shape(0).extent(1);
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Shape signal = inputs.shape(0);
    if (signal.rank() != 3 || signal.extent(2) < 1 || signal.extent(2) > 2) {
      throw inputs.invalid("the signal is " + signal + ", expected [batch, length, 1 or 2]");
    }
    int length = frameLength(inputs);
    int step = Math.toIntExact(inputs.value(STEP).asLong(0));
    if (step < 1
        || length < 1
        || length > signal.extent(1)
        || (inputs.has(WINDOW) && inputs.shape(WINDOW).size() != length)) {
      throw inputs.invalid(
          "frames of %d elements, %d apart, of a signal %s".formatted(length, step, signal));
    }
    int frames = 1 + (signal.extent(1) - length) / step;
    int bins = oneSided ? length / 2 + 1 : length;
    return List.of(inputs.type(0).withShape(Shape.of(signal.extent(0), frames, bins, 2)));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Shape signal = inputs.shape(0);
    Shape y = outputTypes(inputs).getFirst().shape();
    FourierSum sum = new FourierSum(frameLength(inputs), false);
    long step = inputs.value(STEP).asLong(0);
    int parts = signal.extent(2);
    boolean windowed = inputs.has(WINDOW);
    return (in, out, run) ->
        run.pool()
            .parallelFor(
                y.extent(0) * y.extent(1),
                1,
                (from, to) -> {
                  for (int frame = from; frame < to; frame++) {
                    long item = frame / y.extent(1);
                    long first = item * signal.extent(1) + frame % y.extent(1) * step;
                    Tensor window = windowed ? in[WINDOW] : null;
                    long at = (long) frame * y.extent(2) * 2;
                    sum.run(
                        i -> weighted(in[0], (first + i) * parts, window, i),
                        i -> parts == 1 ? 0 : weighted(in[0], (first + i) * parts + 1, window, i),
                        y.extent(2),
                        (bin, real, imaginary) ->
                            FourierSum.store(out[0], at + 2L * bin, real, imaginary));
                  }
                });
  }

  private static double weighted(Tensor signal, long at, @Nullable Tensor window, long i) {
    double value = signal.asDouble(at);
    return window == null ? value : value * window.asDouble(i);
  }
}
