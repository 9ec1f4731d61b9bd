package io.lockstep.training.optimizer;

import io.lockstep.training.network.Floats;
import io.lockstep.training.network.ParameterLayout;
import java.lang.foreign.MemorySegment;

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter, 2019, algorithm 2). Matrices decay, the
 * factors of norms do not.
 */
public final class AdamW {

  private static final float MEAN_DECAY = 0.9f;
  private static final float SQUARE_DECAY = 0.95f; // shorter than Adam's 0.999, for short runs
  private static final float EPSILON = 1e-8f;
  private static final float WEIGHT_DECAY = 0.1f;

  private final ParameterLayout layout;
  private final MemorySegment means; // [parameters], running means of the gradient
  private final MemorySegment squares; // [parameters], running means of its square
  private int steps;

  public AdamW(ParameterLayout layout) {
    this.layout = layout;
    this.means = Floats.zeros(layout.count());
    this.squares = Floats.zeros(layout.count());
  }

  /**
   * Moves the parameters against the gradient.
   *
   * @param parameters float [parameters]
   * @param gradient float [parameters]
   * @param gradientScale what each element of the gradient is multiplied with
   */
  public void step(
      MemorySegment parameters, MemorySegment gradient, float gradientScale, float rate) {
    steps++;
    float meanCorrection = (float) (1 - StrictMath.pow(MEAN_DECAY, steps));
    float squareCorrection = (float) (1 - StrictMath.pow(SQUARE_DECAY, steps));
    for (ParameterLayout.Slice slice : layout.slices()) {
      float kept = slice.isMatrix() ? 1 - rate * WEIGHT_DECAY : 1;
      for (long i = slice.offset(); i < slice.offset() + slice.count(); i++) {
        float slope = gradientScale * Floats.get(gradient, i);
        float mean = MEAN_DECAY * Floats.get(means, i) + (1 - MEAN_DECAY) * slope;
        float square = SQUARE_DECAY * Floats.get(squares, i) + (1 - SQUARE_DECAY) * slope * slope;
        Floats.set(means, i, mean);
        Floats.set(squares, i, square);
        float move =
            mean / meanCorrection / ((float) Math.sqrt(square / squareCorrection) + EPSILON);
        Floats.set(parameters, i, kept * Floats.get(parameters, i) - rate * move);
      }
    }
  }
}
