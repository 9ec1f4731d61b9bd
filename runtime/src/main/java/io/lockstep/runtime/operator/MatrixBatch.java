package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.tensor.Shape;
import java.util.Arrays;

/**
 * A batch of matrix products with NumPy's rules: a [..., rows, k] times b [..., k, n], leading axes
 * broadcast; a vector on the left is one row, on the right one column, and their axis is dropped.
 */
final class MatrixBatch {

  private final Shape output;
  private final int rows;
  private final int k;
  private final int n;
  private final int[] aMatrix; // [count]: which matrix of a the product takes
  private final int[] bMatrix; // [count]: which matrix of b the product takes

  private MatrixBatch(Shape output, int rows, int k, int n, int[] aMatrix, int[] bMatrix) {
    this.output = output;
    this.rows = rows;
    this.k = k;
    this.n = n;
    this.aMatrix = aMatrix;
    this.bMatrix = bMatrix;
  }

  static MatrixBatch of(OperatorInputs inputs, Shape a, Shape b) {
    if (a.rank() == 0 || b.rank() == 0) {
      throw inputs.invalid("lhs " + a + " and rhs " + b + ": a scalar is no matrix");
    }
    int rows = a.rank() == 1 ? 1 : a.extent(-2);
    int k = a.extent(-1);
    int n = b.rank() == 1 ? 1 : b.extent(-1);
    int kOfB = b.rank() == 1 ? b.extent(0) : b.extent(-2);
    if (k != kOfB) {
      throw inputs.invalid("lhs %s and rhs %s do not contract (%d != %d)".formatted(a, b, k, kOfB));
    }
    int[] aLead = Arrays.copyOf(a.toArray(), Math.max(0, a.rank() - 2));
    int[] bLead = Arrays.copyOf(b.toArray(), Math.max(0, b.rank() - 2));
    int[] lead = broadcast(inputs, a, b, aLead, bLead);
    int[] extents = Arrays.copyOf(lead, lead.length + 2);
    int rank = lead.length;
    if (a.rank() > 1) {
      extents[rank++] = rows;
    }
    if (b.rank() > 1) {
      extents[rank++] = n;
    }
    Shape output = Shape.of(Arrays.copyOf(extents, rank));
    return new MatrixBatch(output, rows, k, n, matrices(lead, aLead), matrices(lead, bLead));
  }

  private static int[] broadcast(
      OperatorInputs inputs, Shape a, Shape b, int[] aLead, int[] bLead) {
    int[] lead = new int[Math.max(aLead.length, bLead.length)];
    for (int i = 0; i < lead.length; i++) {
      int x = extent(aLead, i - lead.length + aLead.length);
      int y = extent(bLead, i - lead.length + bLead.length);
      if (x != y && x != 1 && y != 1) {
        throw inputs.invalid("leading axes of %s and %s do not broadcast".formatted(a, b));
      }
      lead[i] = x == 1 ? y : x;
    }
    return lead;
  }

  private static int extent(int[] extents, int axis) {
    return axis < 0 ? 1 : extents[axis];
  }

  /** For each product the index of the operand's matrix. */
  private static int[] matrices(int[] lead, int[] operand) {
    int[] indices = new int[Shape.of(lead).intSize()];
    for (int product = 0; product < indices.length; product++) {
      int rest = product;
      int stride = 1;
      for (int axis = lead.length - 1; axis >= 0; axis--) {
        int extent = extent(operand, axis - lead.length + operand.length);
        if (extent > 1) {
          indices[product] += rest % lead[axis] * stride;
        }
        stride *= extent;
        rest /= lead[axis];
      }
    }
    return indices;
  }

  Shape output() {
    return output;
  }

  int count() {
    return aMatrix.length;
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

  /** The index of an element of a. */
  long a(int product, int row, int i) {
    return ((long) aMatrix[product] * rows + row) * k + i;
  }

  /** The index of an element of b. */
  long b(int product, int i, int column) {
    return ((long) bMatrix[product] * k + i) * n + column;
  }
}
