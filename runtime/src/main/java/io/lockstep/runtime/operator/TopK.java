package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;

/**
 * ONNX TopK 1-24: the k largest or smallest elements along {@code axis}, best first, and where they
 * stand (INT64). Of equal elements the one further to the front comes first; a NaN counts as the
 * largest number.
 *
 * @param k how many, where it is an attribute (before version 10); else it is input 1
 */
record TopK(long axis, long k, boolean largest) implements Operator {

  static TopK of(NodeAttributes attributes) {
    return new TopK(
        attributes.intOr("axis", -1),
        attributes.intOr("k", 0),
        attributes.intOr("largest", 1) != 0);
  }

  @Override
  public String name() {
    return "TopK";
  }

  @Override
  public boolean needsValue(int input) {
    return input == 1;
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Shape x = inputs.shape(0);
    int along = Axes.resolve(inputs, axis, x.rank());
    long count = inputs.has(1) ? inputs.value(1).asLong(0) : k;
    if (count < 0 || count > x.extent(along)) {
      throw inputs.invalid("k = %d, expected 0 to %d".formatted(count, x.extent(along)));
    }
    Shape y = x.with(along, (int) count);
    return List.of(inputs.type(0).withShape(y), new TensorType(DType.INT64, y));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Lanes lanes = Lanes.of(inputs, axis);
    int along = Axes.resolve(inputs, axis, inputs.shape(0).rank());
    int count = outputTypes(inputs).getFirst().shape().extent(along);
    return (in, out, run) ->
        run.pool()
            .parallelFor(
                count == 0 ? 0 : lanes.outer() * lanes.inner(),
                Chunks.grainRows(4L * lanes.length()),
                (from, to) -> {
                  for (int lane = from; lane < to; lane++) {
                    select(lanes, lane, count, in[0], out[0], out[1]);
                  }
                });
  }

  /*
   * The indices chosen so far form a heap with the worst one on top, kept where the answer goes.
   * Each further element that beats the worst takes its place; at last the heap is emptied from the
   * worst to the best, which fills the answer from its end.
   */
  private void select(Lanes lanes, int lane, int count, Tensor x, Tensor values, Tensor heap) {
    int inner = lanes.inner();
    long row = lane / inner;
    long xFirst = row * lanes.length() * inner + lane % inner;
    long yFirst = row * count * inner + lane % inner;
    for (int i = 0; i < count; i++) {
      heap.setLong(yFirst + (long) i * inner, i);
    }
    for (int i = count / 2 - 1; i >= 0; i--) {
      sift(x, xFirst, heap, yFirst, inner, i, count);
    }
    for (int i = count; i < lanes.length(); i++) {
      if (isBefore(x, xFirst, inner, i, heap.getLong(yFirst))) {
        heap.setLong(yFirst, i);
        sift(x, xFirst, heap, yFirst, inner, 0, count);
      }
    }
    for (int last = count - 1; last > 0; last--) {
      long worst = heap.getLong(yFirst);
      heap.setLong(yFirst, heap.getLong(yFirst + (long) last * inner));
      heap.setLong(yFirst + (long) last * inner, worst);
      sift(x, xFirst, heap, yFirst, inner, 0, last);
    }
    for (int i = 0; i < count; i++) {
      long at = yFirst + (long) i * inner;
      Elements.copy(x, xFirst + heap.getLong(at) * inner, values, at);
    }
  }

  /** Lets the entry at {@code start} sink below every entry that is worse. */
  private void sift(
      Tensor x, long xFirst, Tensor heap, long yFirst, int inner, int start, int size) {
    int parent = start;
    while (2 * parent + 1 < size) {
      int child = 2 * parent + 1;
      long left = heap.getLong(yFirst + (long) child * inner);
      if (child + 1 < size) {
        long right = heap.getLong(yFirst + (long) (child + 1) * inner);
        if (isBefore(x, xFirst, inner, left, right)) {
          child++;
          left = right;
        }
      }
      long own = heap.getLong(yFirst + (long) parent * inner);
      if (!isBefore(x, xFirst, inner, own, left)) {
        return;
      }
      heap.setLong(yFirst + (long) parent * inner, left);
      heap.setLong(yFirst + (long) child * inner, own);
      parent = child;
    }
  }

  /** Whether entry {@code i} of a lane comes before entry {@code j} in the answer. */
  private boolean isBefore(Tensor x, long first, int inner, long i, long j) {
    int order = Elements.compare(x, first + i * inner, x, first + j * inner);
    return order == 0 ? i < j : largest == order > 0;
  }
}
