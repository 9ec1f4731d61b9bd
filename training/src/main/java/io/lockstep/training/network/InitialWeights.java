package io.lockstep.training.network;

import java.lang.foreign.MemorySegment;
import java.util.Random;

/** Weights before the first update. */
public final class InitialWeights {

  private static final double DEVIATION = 0.02; // GPT-2's

  private InitialWeights() {}

  /**
   * Normal numbers for matrices, ones for norms. What layers add to the state starts smaller by the
   * root of how many additions there are (Radford et al., 2019, section 2.3).
   */
  public static MemorySegment draw(DecoderShape shape, ParameterLayout layout, long seed) {
    Random random = new Random(seed);
    MemorySegment weights = Floats.zeros(layout.count());
    for (ParameterLayout.Slice slice : layout.slices()) {
      boolean isAdded = slice.name().contains("attn_output") || slice.name().contains("ffn_down");
      double deviation = isAdded ? DEVIATION / Math.sqrt(2.0 * shape.layers()) : DEVIATION;
      for (long i = slice.offset(); i < slice.offset() + slice.count(); i++) {
        float value = slice.isMatrix() ? (float) (deviation * random.nextGaussian()) : 1;
        Floats.set(weights, i, value);
      }
    }
    return weights;
  }
}
