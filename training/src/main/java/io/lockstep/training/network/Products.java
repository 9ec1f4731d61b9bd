package io.lockstep.training.network;

import io.lockstep.runtime.kernel.Epilogue;
import io.lockstep.runtime.kernel.Gemm;
import io.lockstep.runtime.kernel.Gemm.MatmulShape;
import java.lang.foreign.MemorySegment;

/**
 * The three products of a linear layer y = x w' with w [outputs, inputs], and plain ones. Keeps the
 * scratch memory they need; used by one thread.
 */
final class Products {

  private final Gemm gemm;
  private MemorySegment workspace = Floats.zeros(1);
  private MemorySegment transposed = Floats.zeros(1);

  Products(Gemm gemm) {
    this.gemm = gemm;
  }

  /**
   * A matrix in an array.
   *
   * @param index of its first float
   * @param stride floats between its rows
   */
  record Matrix(MemorySegment array, long index, int stride) {

    /** One whose rows follow each other. */
    static Matrix of(MemorySegment array, int columns) {
      return new Matrix(array, 0, columns);
    }

    Matrix at(long row, long column) {
      return new Matrix(array, index + row * stride + column, stride);
    }
  }

  /** c[rows, n] = alpha a[rows, k] b[k, n], or b'[n, k] when transposed. */
  void multiply(MatmulShape shape, float alpha, Matrix a, Matrix b, Matrix c) {
    long bytes = gemm.matmulWorkspaceBytes(shape);
    if (workspace.byteSize() < bytes) {
      workspace = Floats.zeros(bytes / Float.BYTES + 1);
    }
    gemm.matmulF32(
        shape,
        a.array(),
        a.index(),
        a.stride(),
        b.array(),
        b.index(),
        b.stride(),
        alpha,
        Epilogue.NONE,
        workspace,
        0,
        c.array(),
        c.index(),
        c.stride());
  }

  /** y[rows, outputs] = x[rows, inputs] w'. */
  void forward(int rows, int inputs, int outputs, MemorySegment x, Matrix w, MemorySegment y) {
    multiply(
        new MatmulShape(rows, inputs, outputs, true),
        1,
        Matrix.of(x, inputs),
        w,
        Matrix.of(y, outputs));
  }

  /** dx[rows, inputs] = dy[rows, outputs] w. */
  void toInputs(int rows, int inputs, int outputs, MemorySegment dy, Matrix w, MemorySegment dx) {
    multiply(
        new MatmulShape(rows, outputs, inputs, false),
        1,
        Matrix.of(dy, outputs),
        w,
        Matrix.of(dx, inputs));
  }

  /** dw[outputs, inputs] = dy' x. */
  void toWeights(int rows, int inputs, int outputs, MemorySegment dy, MemorySegment x, Matrix dw) {
    Matrix turned = transposed(rows, outputs, Matrix.of(dy, outputs));
    multiply(new MatmulShape(outputs, rows, inputs, false), 1, turned, Matrix.of(x, inputs), dw);
  }

  /** [columns, rows] of a matrix [rows, columns], until the next call. */
  Matrix transposed(int rows, int columns, Matrix x) {
    long count = (long) rows * columns;
    if (transposed.byteSize() < count * Float.BYTES) {
      transposed = Floats.zeros(count);
    }
    Floats.transpose(rows, columns, x.array(), x.index(), x.stride(), transposed, 0, rows);
    return Matrix.of(transposed, rows);
  }
}
