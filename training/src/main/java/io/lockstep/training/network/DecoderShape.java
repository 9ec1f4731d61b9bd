package io.lockstep.training.network;

/**
 * The extents of a decoder of the Llama family (Touvron et al., 2023): RMSNorm before each half of
 * a layer, rotary positions of interleaved pairs, grouped queries, SwiGLU, and an output that is
 * the transposed token embedding.
 *
 * @param vocabulary how many tokens there are
 * @param width floats of a token's state
 * @param layers how many layers
 * @param heads query heads
 * @param kvHeads key and value heads, each shared by {@code heads / kvHeads} query heads
 * @param headSize floats of a head
 * @param feedForward floats between the two products of a feed-forward layer
 * @param context positions that the decoder is trained for
 */
public record DecoderShape(
    int vocabulary,
    int width,
    int layers,
    int heads,
    int kvHeads,
    int headSize,
    int feedForward,
    int context) {

  /** Added to the mean square of a state before its root is taken; Llama 2's. */
  public static final float NORM_EPSILON = 1e-5f;

  /** The base of the rotary angles' geometric series; the one of Su et al., 2021. */
  public static final double ROPE_BASE = 10_000;

  public DecoderShape {
    if (heads % kvHeads != 0 || headSize % 2 != 0) {
      throw new IllegalArgumentException(
          heads + " heads of " + headSize + " do not go with " + kvHeads + " for keys and values");
    }
  }

  /** Floats of all query heads of a token. */
  int queryWidth() {
    return heads * headSize;
  }

  /** Floats of all queries, keys and values of a token in one layer, in this order. */
  int qkvWidth() {
    return (heads + 2 * kvHeads) * headSize;
  }

  /** Query heads that share a key and value head. */
  int group() {
    return heads / kvHeads;
  }
}
