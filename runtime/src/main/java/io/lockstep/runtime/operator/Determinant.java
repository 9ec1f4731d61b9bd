package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;

/** ONNX Det 11-22: the determinants of matrices x [..., n, n], by elimination with pivoting. */
record Determinant() implements Operator {

  static Determinant of(NodeAttributes attributes) {
    return new Determinant();
  }

  @Override
  public String name() {
    return "Det";
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Shape x = inputs.shape(0);
    if (x.rank() < 2 || x.extent(-1) != x.extent(-2) || !inputs.dtype(0).isFloat()) {
      throw inputs.invalid("expected square matrices of floats but got " + inputs.type(0));
    }
    int[] lead = Arrays.copyOf(x.toArray(), x.rank() - 2);
    return List.of(inputs.type(0).withShape(Shape.of(lead)));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    int n = inputs.shape(0).extent(-1);
    return PreparedOperator.withWorkspace(
        Math.multiplyExact((long) n * n, (long) Double.BYTES),
        (in, out, run) -> {
          for (long matrix = 0; matrix < out[0].size(); matrix++) {
            out[0].setFromDouble(matrix, determinant(in[0], matrix * n * n, n, run.workspace()));
          }
        });
  }

  private static double determinant(Tensor x, long first, int n, MemorySegment scratch) {
    for (long i = 0; i < (long) n * n; i++) {
      scratch.setAtIndex(ValueLayout.JAVA_DOUBLE, i, x.asDouble(first + i));
    }
    double product = 1;
    for (int column = 0; column < n; column++) {
      int pivot = column;
      for (int row = column + 1; row < n; row++) {
        if (Math.abs(at(scratch, n, row, column)) > Math.abs(at(scratch, n, pivot, column))) {
          pivot = row;
        }
      }
      double head = at(scratch, n, pivot, column);
      product *= pivot == column ? head : -head;
      if (head == 0) {
        return 0;
      }
      eliminate(scratch, n, column, pivot);
    }
    return product;
  }

  /** Swaps the pivot's row to the diagonal and clears the column below it. */
  private static void eliminate(MemorySegment a, int n, int column, int pivot) {
    for (int i = column; i < n; i++) {
      double own = at(a, n, column, i);
      set(a, n, column, i, at(a, n, pivot, i));
      set(a, n, pivot, i, own);
    }
    for (int row = column + 1; row < n; row++) {
      double factor = at(a, n, row, column) / at(a, n, column, column);
      for (int i = column; i < n; i++) {
        set(a, n, row, i, at(a, n, row, i) - factor * at(a, n, column, i));
      }
    }
  }

  private static double at(MemorySegment a, int n, int row, int column) {
    return a.getAtIndex(ValueLayout.JAVA_DOUBLE, (long) row * n + column);
  }

  private static void set(MemorySegment a, int n, int row, int column, double value) {
    a.setAtIndex(ValueLayout.JAVA_DOUBLE, (long) row * n + column, value);
  }
}
