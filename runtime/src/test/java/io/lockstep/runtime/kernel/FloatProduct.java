package io.lockstep.runtime.kernel;

import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.Tensors;
import java.util.Arrays;
import java.util.Random;

/** A product of two float matrices as a test case. */
final class FloatProduct {

  private final int rows;
  private final int k;
  private final int n;
  private final float[] a; // [rows, k], rows aStride apart
  private final int aStride;
  private final float[] b; // [k, n]

  FloatProduct(int rows, int k, int n, float[] a, int aStride, float[] b) {
    this.rows = rows;
    this.k = k;
    this.n = n;
    this.a = a;
    this.aStride = aStride;
    this.b = b;
  }

  int rows() {
    return rows;
  }

  int k() {
    return k;
  }

  int n() {
    return n;
  }

  float[] a() {
    return a;
  }

  int aStride() {
    return aStride;
  }

  float[] b() {
    return b;
  }

  static FloatProduct random(Random random, int rows, int k, int n) {
    int stride = k + random.nextInt(4);
    int length = rows == 0 ? 0 : (rows - 1) * stride + k;
    float[] a = Input.gaussians(random, length);
    return new FloatProduct(rows, k, n, a, stride, Input.gaussians(random, k * n));
  }

  static FloatProduct random(Random random) {
    return random(random, random.nextInt(20), random.nextInt(70), random.nextInt(150));
  }

  /** The same product with the rows [from, to) of a only. */
  FloatProduct rows(int from, int to) {
    int end = to == from ? from * aStride : (to - 1) * aStride + k;
    return new FloatProduct(
        to - from, k, n, Arrays.copyOfRange(a, from * aStride, end), aStride, b);
  }

  Tensor bTensor(boolean transposed) {
    return transposed
        ? Tensors.ofFloats(Shape.of(n, k), transposedB())
        : Tensors.ofFloats(Shape.of(k, n), b);
  }

  float[] transposedB() {
    float[] turned = new float[b.length];
    for (int i = 0; i < b.length; i++) {
      turned[i % n * k + i / n] = b[i];
    }
    return turned;
  }

  void assertMatches(Output c) {
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < n; column++) {
        double sum = 0;
        double magnitude = 0;
        for (int p = 0; p < k; p++) {
          double product = (double) a[row * aStride + p] * b[p * n + column];
          sum += product;
          magnitude += Math.abs(product);
        }
        ConformanceCase.assertNear(
            sum, c.getFloat(row, column), k * 6e-8 * magnitude, row + ", " + column);
      }
    }
    c.assertNothingElseWritten();
  }
}
