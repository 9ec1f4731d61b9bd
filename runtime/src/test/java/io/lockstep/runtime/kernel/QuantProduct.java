package io.lockstep.runtime.kernel;

import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorArena;
import io.lockstep.runtime.tensor.Tensors;
import java.util.Arrays;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** A product of two 8-bit matrices as a test case. */
final class QuantProduct {

  private final int rows;
  private final int k;
  private final int n;
  private final byte[] a; // [rows, k]
  private final boolean aSigned;
  private final int[] aZeros; // [rows]
  private final byte[] b; // [k, n]
  private final DType bType;
  private final byte @Nullable [] bZeros; // scalar or [n]

  QuantProduct(
      int rows,
      int k,
      int n,
      byte[] a,
      boolean aSigned,
      int[] aZeros,
      byte[] b,
      DType bType,
      byte @Nullable [] bZeros) {
    this.rows = rows;
    this.k = k;
    this.n = n;
    this.a = a;
    this.aSigned = aSigned;
    this.aZeros = aZeros;
    this.b = b;
    this.bType = bType;
    this.bZeros = bZeros;
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

  byte[] a() {
    return a;
  }

  boolean aSigned() {
    return aSigned;
  }

  int[] aZeros() {
    return aZeros;
  }

  static QuantProduct random(Random random, int rows, int k, int n) {
    boolean signed = random.nextBoolean();
    int[] aZeros = new int[rows];
    Arrays.setAll(aZeros, i -> random.nextInt(256) - (signed ? 128 : 0));
    int zeros = random.nextInt(3);
    return new QuantProduct(
        rows,
        k,
        n,
        Input.extremeBytes(random, rows * k),
        signed,
        aZeros,
        Input.extremeBytes(random, k * n),
        random.nextBoolean() ? DType.INT8 : DType.UINT8,
        zeros == 0 ? null : Input.extremeBytes(random, zeros == 1 ? 1 : n));
  }

  QuantProduct row(int row) {
    byte[] one = Arrays.copyOfRange(a, row * k, (row + 1) * k);
    return new QuantProduct(1, k, n, one, aSigned, new int[] {aZeros[row]}, b, bType, bZeros);
  }

  PackedQuantMatrix pack(QuantGemm kernels, boolean transposed, TensorArena arena) {
    byte[] turned = new byte[b.length];
    for (int i = 0; i < b.length; i++) {
      turned[transposed ? i % n * k + i / n : i] = b[i];
    }
    Tensor matrix = Tensors.ofBytes(bType, transposed ? Shape.of(n, k) : Shape.of(k, n), turned);
    Tensor zero = null;
    if (bZeros != null) {
      Shape shape = bZeros.length == 1 ? Shape.scalar() : Shape.of(bZeros.length);
      zero = Tensors.ofBytes(bType, shape, bZeros);
    }
    return kernels.pack(matrix, transposed, zero, arena);
  }

  int expected(int row, int column) {
    long sum = 0;
    for (int p = 0; p < k; p++) {
      long left = value(a[row * k + p], aSigned) - aZeros[row];
      sum += left * (value(b[p * n + column], bType == DType.INT8) - bZero(column));
    }
    return (int) sum;
  }

  private long bZero(int column) {
    return bZeros == null ? 0 : value(bZeros[bZeros.length == 1 ? 0 : column], bType == DType.INT8);
  }

  private static long value(byte stored, boolean signed) {
    return signed ? stored : Byte.toUnsignedInt(stored);
  }
}
