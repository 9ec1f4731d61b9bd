package io.lockstep.runtime.kernel.vector;

import static io.lockstep.runtime.kernel.vector.Lanes.COUNT;
import static io.lockstep.runtime.kernel.vector.Lanes.FLOATS;
import static jdk.incubator.vector.FloatVector.fromArray;

import jdk.incubator.vector.FloatVector;

/**
 * Micro-kernels: dot products of rows of a with four rows of weights. Element i of a row goes to
 * the lane {@code i % COUNT} of one accumulator, in ascending i; a tree over the lanes follows.
 * Rows are {@code stride} floats apart, a multiple of the lanes, and zero beyond k.
 */
final class BlockDots {

  /** Rows of weights that a kernel takes. */
  static final int COLUMNS = 4;

  /** Rows of a that the larger kernel takes. */
  static final int ROWS = 4;

  private BlockDots() {}

  /** sums[COLUMNS, COUNT] of one row of a. */
  static void dotF32_1x4(float[] a, int aFrom, float[] w, int stride, float[] sums) {
    FloatVector s0 = FloatVector.zero(FLOATS);
    FloatVector s1 = s0;
    FloatVector s2 = s0;
    FloatVector s3 = s0;
    for (int i = 0; i < stride; i += COUNT) {
      FloatVector x = fromArray(FLOATS, a, aFrom + i);
      s0 = x.fma(fromArray(FLOATS, w, i), s0);
      s1 = x.fma(fromArray(FLOATS, w, stride + i), s1);
      s2 = x.fma(fromArray(FLOATS, w, 2 * stride + i), s2);
      s3 = x.fma(fromArray(FLOATS, w, 3 * stride + i), s3);
    }
    s0.intoArray(sums, 0);
    s1.intoArray(sums, COUNT);
    s2.intoArray(sums, 2 * COUNT);
    s3.intoArray(sums, 3 * COUNT);
  }

  /** sums[ROWS, COLUMNS, COUNT] of four rows of a. */
  static void dotF32_4x4(float[] a, int aFrom, float[] w, int stride, float[] sums) {
    FloatVector s00 = FloatVector.zero(FLOATS);
    FloatVector s01 = s00;
    FloatVector s02 = s00;
    FloatVector s03 = s00;
    FloatVector s10 = s00;
    FloatVector s11 = s00;
    FloatVector s12 = s00;
    FloatVector s13 = s00;
    FloatVector s20 = s00;
    FloatVector s21 = s00;
    FloatVector s22 = s00;
    FloatVector s23 = s00;
    FloatVector s30 = s00;
    FloatVector s31 = s00;
    FloatVector s32 = s00;
    FloatVector s33 = s00;
    for (int i = 0; i < stride; i += COUNT) {
      FloatVector w0 = fromArray(FLOATS, w, i);
      FloatVector w1 = fromArray(FLOATS, w, stride + i);
      FloatVector w2 = fromArray(FLOATS, w, 2 * stride + i);
      FloatVector w3 = fromArray(FLOATS, w, 3 * stride + i);
      FloatVector x = fromArray(FLOATS, a, aFrom + i);
      s00 = x.fma(w0, s00);
      s01 = x.fma(w1, s01);
      s02 = x.fma(w2, s02);
      s03 = x.fma(w3, s03);
      x = fromArray(FLOATS, a, aFrom + stride + i);
      s10 = x.fma(w0, s10);
      s11 = x.fma(w1, s11);
      s12 = x.fma(w2, s12);
      s13 = x.fma(w3, s13);
      x = fromArray(FLOATS, a, aFrom + 2 * stride + i);
      s20 = x.fma(w0, s20);
      s21 = x.fma(w1, s21);
      s22 = x.fma(w2, s22);
      s23 = x.fma(w3, s23);
      x = fromArray(FLOATS, a, aFrom + 3 * stride + i);
      s30 = x.fma(w0, s30);
      s31 = x.fma(w1, s31);
      s32 = x.fma(w2, s32);
      s33 = x.fma(w3, s33);
    }
    s00.intoArray(sums, 0);
    s01.intoArray(sums, COUNT);
    s02.intoArray(sums, 2 * COUNT);
    s03.intoArray(sums, 3 * COUNT);
    s10.intoArray(sums, 4 * COUNT);
    s11.intoArray(sums, 5 * COUNT);
    s12.intoArray(sums, 6 * COUNT);
    s13.intoArray(sums, 7 * COUNT);
    s20.intoArray(sums, 8 * COUNT);
    s21.intoArray(sums, 9 * COUNT);
    s22.intoArray(sums, 10 * COUNT);
    s23.intoArray(sums, 11 * COUNT);
    s30.intoArray(sums, 12 * COUNT);
    s31.intoArray(sums, 13 * COUNT);
    s32.intoArray(sums, 14 * COUNT);
    s33.intoArray(sums, 15 * COUNT);
  }

  /** The sum of the COUNT lanes from {@code at} on: lane i and lane i + half, half by half. */
  static float combine(float[] sums, int at) {
    for (int half = COUNT / 2; half > 0; half /= 2) {
      for (int i = 0; i < half; i++) {
        sums[at + i] += sums[at + i + half];
      }
    }
    return sums[at];
  }
}
