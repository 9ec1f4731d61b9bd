package io.lockstep.runtime.decoder;

import io.lockstep.runtime.kernel.UnaryFunction;

/**
 * In what architectures differ beside their extents.
 *
 * @param normalizesMean whether normalisations subtract the mean, too (layer normalisation instead
 *     of root mean square)
 * @param activation between the products of a feed-forward layer
 * @param embeddingScale factor of token embeddings
 * @param attentionScale factor of scores
 * @param scoreCap scores are bent to {@code cap tanh(score / cap)}; 0 for none
 * @param logitCap likewise logits
 * @param window how many positions a token sees in windowed layers; 0 when there are none
 * @param windowPeriod every so many layers, the last one sees everything; 0 when none does
 * @param windowRope the rotary positions of windowed layers
 */
public record DecoderStyle(
    boolean normalizesMean,
    UnaryFunction activation,
    float embeddingScale,
    float attentionScale,
    float scoreCap,
    float logitCap,
    int window,
    int windowPeriod,
    RopeConfig windowRope) {

  /** The style of Llama. */
  public static DecoderStyle llama(int headSize, RopeConfig rope) {
    return new DecoderStyle(
        false, UnaryFunction.SWISH, 1, (float) (1 / Math.sqrt(headSize)), 0, 0, 0, 0, rope);
  }

  /** Whether a layer's tokens see a window. */
  boolean isWindowed(int layer) {
    return window > 0 && (windowPeriod == 0 || (layer + 1) % windowPeriod != 0);
  }
}
