package io.lockstep.runtime.decoder;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * Rotary position embedding (Su et al., 2021, section 3.4): pair i of a head is turned by the angle
 * {@code position * frequency(i) / factor[i]}.
 */
final class Rope {

  private final RopeConfig config;
  private final double[] frequencies; // [size / 2]

  Rope(RopeConfig config, @Nullable MemorySegment factors) {
    this.config = config;
    this.frequencies = new double[config.size() / 2];
    for (int i = 0; i < frequencies.length; i++) {
      double factor = factors == null ? 1 : factors.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, i);
      frequencies[i] = config.frequency(i) / factor;
    }
  }

  /** Floats that the turns of one position take. */
  int turnSize() {
    return config.size();
  }

  /** turns[2i], turns[2i + 1] = cosine and sine of pair i's angle, from {@code at} on. */
  void turns(int position, float[] turns, int at) {
    for (int i = 0; i < frequencies.length; i++) {
      double angle = position * frequencies[i];
      turns[at + 2 * i] = (float) (config.magnitude() * StrictMath.cos(angle));
      turns[at + 2 * i + 1] = (float) (config.magnitude() * StrictMath.sin(angle));
    }
  }

  /** Turns one head, float [headSize] from element {@code head} on. */
  void turn(MemorySegment x, long head, float[] turns, int at) {
    int step = config.isInterleaved() ? 2 : 1;
    int apart = config.isInterleaved() ? 1 : config.size() / 2;
    for (int i = 0; i < frequencies.length; i++) {
      long first = head + (long) i * step;
      float a = x.getAtIndex(ValueLayout.JAVA_FLOAT, first);
      float b = x.getAtIndex(ValueLayout.JAVA_FLOAT, first + apart);
      float cos = turns[at + 2 * i];
      float sin = turns[at + 2 * i + 1];
      x.setAtIndex(ValueLayout.JAVA_FLOAT, first, a * cos - b * sin);
      x.setAtIndex(ValueLayout.JAVA_FLOAT, first + apart, a * sin + b * cos);
    }
  }
}
