package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.kernel.Epilogue;
import io.lockstep.runtime.kernel.Gemm;
import io.lockstep.runtime.kernel.Gemm.MatmulShape;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * An Einstein summation of two float operands as a batch of matrix products: the operands are
 * brought into the order [batch, rows, k] and [batch, k, n], and the result into that of the
 * output.
 *
 * @param batch labels that both operands and the output have
 * @param rows labels of the first operand and the output
 * @param columns labels of the second operand and the output
 * @param contracted labels of both operands only
 */
record EinsumProduct(
    EinsumEquation equation,
    Shape a,
    Shape b,
    List<String> batch,
    List<String> rows,
    List<String> columns,
    List<String> contracted) {

  /** The summation as a product; empty for diagonals, broadcasts and sums over one operand. */
  static Optional<EinsumProduct> of(EinsumEquation equation, Shape a, Shape b) {
    if (!isPlain(equation, 0, a) || !isPlain(equation, 1, b)) {
      return Optional.empty();
    }
    EinsumProduct product =
        new EinsumProduct(
            equation,
            a,
            b,
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>());
    for (String label : equation.output()) {
      boolean inA = equation.operand(0).contains(label);
      boolean inB = equation.operand(1).contains(label);
      (inA && inB ? product.batch : inA ? product.rows : product.columns).add(label);
    }
    for (String label : equation.summed()) {
      if (!equation.operand(0).contains(label) || !equation.operand(1).contains(label)) {
        return Optional.empty();
      }
      product.contracted.add(label);
    }
    return Optional.of(product);
  }

  private static boolean isPlain(EinsumEquation equation, int operand, Shape shape) {
    List<String> labels = equation.operand(operand);
    boolean plain = labels.stream().distinct().count() == labels.size();
    for (int axis = 0; axis < labels.size(); axis++) {
      plain &= equation.extent(labels.get(axis)) == shape.extent(axis);
    }
    return plain;
  }

  private int size(List<String> labels) {
    return Shape.of(equation.extents(labels)).intSize();
  }

  /** The copy of an operand into the order of these labels. */
  private StridedCopy ordered(int operand, Shape shape, List<String> labels) {
    return StridedCopy.gather(
        DType.FLOAT32,
        Shape.of(equation.extents(labels)),
        0,
        equation.strides(operand, shape, labels));
  }

  /** The copy of the result [batch, rows, columns] into the order of the output. */
  private StridedCopy result() {
    List<String> made = joined(batch, rows, columns);
    long[] own = Shape.of(equation.extents(made)).strides();
    long[] strides = new long[made.size()];
    for (int i = 0; i < strides.length; i++) {
      strides[i] = own[made.indexOf(equation.output().get(i))];
    }
    return StridedCopy.gather(DType.FLOAT32, equation.outputShape(), 0, strides);
  }

  @SafeVarargs
  private static List<String> joined(List<String>... parts) {
    List<String> all = new ArrayList<>();
    for (List<String> part : parts) {
      all.addAll(part);
    }
    return all;
  }

  PreparedOperator prepare(Gemm gemm) {
    int count = size(batch);
    MatmulShape shape = new MatmulShape(size(rows), size(contracted), size(columns), false);
    StridedCopy left = ordered(0, a, joined(batch, rows, contracted));
    StridedCopy right = ordered(1, b, joined(batch, contracted, columns));
    StridedCopy result = result();
    WorkspaceLayout layout = new WorkspaceLayout();
    long aBytes = a.size() * Float.BYTES;
    long bBytes = b.size() * Float.BYTES;
    long cBytes = equation.outputShape().size() * Float.BYTES;
    long aAt = layout.add(aBytes);
    long bAt = layout.add(bBytes);
    long cAt = layout.add(cBytes);
    long scratchAt = layout.add(gemm.matmulWorkspaceBytes(shape));
    return PreparedOperator.withWorkspace(
        layout.bytes(),
        (in, out, run) -> {
          MemorySegment x = run.workspace().asSlice(aAt, aBytes);
          MemorySegment y = run.workspace().asSlice(bAt, bBytes);
          MemorySegment z = run.workspace().asSlice(cAt, cBytes);
          left.run(in[0].segment(), x, run.pool());
          right.run(in[1].segment(), y, run.pool());
          for (int i = 0; i < count; i++) {
            product(gemm, shape, i, x, y, run.workspace(), scratchAt, z);
          }
          result.run(z, out[0].segment(), run.pool());
        });
  }

  private static void product(
      Gemm gemm,
      MatmulShape shape,
      int i,
      MemorySegment a,
      MemorySegment b,
      MemorySegment workspace,
      long scratchAt,
      MemorySegment c) {
    gemm.matmulF32(
        shape,
        a,
        (long) i * shape.rows() * shape.k(),
        shape.k(),
        b,
        (long) i * shape.k() * shape.n(),
        shape.n(),
        1,
        Epilogue.NONE,
        workspace,
        scratchAt,
        c,
        (long) i * shape.rows() * shape.n(),
        shape.n());
  }
}
