package io.lockstep.runtime.operator;

/**
 * The scale and zero point that ONNX DynamicQuantizeLinear derives from the range of a float
 * tensor, for UINT8: the range is stretched to include 0, and 0 is represented exactly.
 */
final class DynamicRange {

  /** Steps between the smallest and the largest UINT8. */
  private static final float STEPS = 255;

  /**
   * Elements that are looked at together: 256 KiB, which stay in the cache between the pass for the
   * smallest and that for the largest.
   */
  static final int CHUNK = 1 << 16;

  private DynamicRange() {}

  /**
   * (max - min) / 255, or 1 for a tensor of nothing but zeros.
   *
   * @param min the smallest of 0 and all elements
   * @param max the largest of 0 and all elements
   */
  static float scale(float min, float max) {
    return min == max ? 1 : (max - min) / STEPS;
  }

  /** saturate(round(-min / scale)), ties to even. */
  static int zeroPoint(float min, float scale) {
    return Math.clamp((long) Math.rint(-min / scale), 0, (int) STEPS);
  }
}
