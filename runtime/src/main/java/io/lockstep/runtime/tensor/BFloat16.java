package io.lockstep.runtime.tensor;

/** The 16-bit float with 8 exponent bits: the upper half of an IEEE 754 binary32. */
public final class BFloat16 {

  private BFloat16() {}

  public static float toFloat(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /** The nearest value, ties to even; a NaN stays one. */
  public static short ofFloat(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) ((bits >>> 16) | 0x40);
    }
    int roundUp = 0x7fff + ((bits >>> 16) & 1);
    return (short) ((bits + roundUp) >>> 16);
  }
}
