package io.lockstep.training.network;

import java.lang.foreign.MemorySegment;

/**
 * Rotary positions (Su et al., 2021, section 3.4.2): elements 2i and 2i + 1 of a head are turned by
 * the angle {@code position * base^(-2i / headSize)}.
 */
final class Rotary {

  private final int headSize;
  private final float[] cosines; // [context, headSize / 2]
  private final float[] sines; // [context, headSize / 2]

  Rotary(int context, int headSize) {
    this.headSize = headSize;
    int pairs = headSize / 2;
    this.cosines = new float[context * pairs];
    this.sines = new float[context * pairs];
    for (int position = 0; position < context; position++) {
      for (int i = 0; i < pairs; i++) {
        double angle = position * StrictMath.pow(DecoderShape.ROPE_BASE, -2.0 * i / headSize);
        cosines[position * pairs + i] = (float) StrictMath.cos(angle);
        sines[position * pairs + i] = (float) StrictMath.sin(angle);
      }
    }
  }

  /** Turns neighbouring heads, float [heads, headSize] from {@code index} on. */
  void turn(int position, int heads, MemorySegment x, long index) {
    turn(position, heads, x, index, 1);
  }

  /** Turns them back, which is how gradients pass. */
  void turnBack(int position, int heads, MemorySegment x, long index) {
    turn(position, heads, x, index, -1);
  }

  private void turn(int position, int heads, MemorySegment x, long index, float direction) {
    int pairs = headSize / 2;
    for (int head = 0; head < heads; head++) {
      long from = index + (long) head * headSize;
      for (int i = 0; i < pairs; i++) {
        float cosine = cosines[position * pairs + i];
        float sine = direction * sines[position * pairs + i];
        float a = Floats.get(x, from + 2L * i);
        float b = Floats.get(x, from + 2L * i + 1);
        Floats.set(x, from + 2L * i, a * cosine - b * sine);
        Floats.set(x, from + 2L * i + 1, a * sine + b * cosine);
      }
    }
  }
}
