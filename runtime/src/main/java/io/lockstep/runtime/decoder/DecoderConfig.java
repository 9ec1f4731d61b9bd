package io.lockstep.runtime.decoder;

import io.lockstep.runtime.error.InvalidModelException;

/**
 * The extents and constants of a decoder.
 *
 * @param architecture the name in the file
 * @param contextLength positions that the model was trained for
 * @param width floats of a token's state
 * @param layers how many layers
 * @param heads query heads
 * @param kvHeads key and value heads, each shared by {@code heads / kvHeads} query heads
 * @param headSize floats of a head
 * @param feedForward floats between the two products of a feed-forward layer
 * @param vocabulary how many tokens there are
 * @param normEpsilon added to the mean square of a state before its root is taken
 * @param rope how positions enter queries and keys of layers without a window
 * @param style in what architectures differ beside
 */
public record DecoderConfig(
    String architecture,
    int contextLength,
    int width,
    int layers,
    int heads,
    int kvHeads,
    int headSize,
    int feedForward,
    int vocabulary,
    float normEpsilon,
    RopeConfig rope,
    DecoderStyle style) {

  public DecoderConfig {
    requirePositive("context length", contextLength);
    requirePositive("width", width);
    requirePositive("number of layers", layers);
    requirePositive("number of heads", heads);
    requirePositive("number of key and value heads", kvHeads);
    requirePositive("head size", headSize);
    requirePositive("feed-forward width", feedForward);
    requirePositive("vocabulary", vocabulary);
    if (heads % kvHeads != 0) {
      throw new InvalidModelException(
          "the " + heads + " heads do not share " + kvHeads + " key and value heads evenly");
    }
    requireFitting(rope, headSize);
    requireFitting(style.windowRope(), headSize);
  }

  private static void requireFitting(RopeConfig rope, int headSize) {
    if (rope.size() < 0 || rope.size() > headSize || rope.size() % 2 != 0) {
      throw new InvalidModelException(
          "rotary positions of " + rope.size() + " do not fit heads of " + headSize);
    }
  }

  private static void requirePositive(String what, int value) {
    if (value < 1) {
      throw new InvalidModelException("the model's " + what + " is " + value);
    }
  }

  /** Floats of all query heads of a token. */
  public int queryWidth() {
    return heads * headSize;
  }

  /** Floats of all keys, or all values, of a token in one layer. */
  public int kvWidth() {
    return kvHeads * headSize;
  }
}
