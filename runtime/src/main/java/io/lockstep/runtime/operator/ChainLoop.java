package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.kernel.ElementChain;
import io.lockstep.runtime.kernel.ElementChain.Operand;
import io.lockstep.runtime.kernel.ElementChains.Loop;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * A chain over tensors that broadcast.
 *
 * @param chain for the inputs' types
 * @param y the output
 */
record ChainLoop(ElementChain chain, TensorType y) {

  PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Shape[] shapes = new Shape[inputs.count()];
    for (int i = 0; i < shapes.length; i++) {
      shapes[i] = inputs.shape(i);
    }
    BroadcastLoops loops = BroadcastLoops.of(y.shape(), shapes);
    List<Operand> operands = matrix(loops, shapes.length);
    PreparedOperator body =
        operands.isEmpty()
            ? stretches(loops, shapes.length, context)
            : matrices(loops, context.kernels().chains().loop(chain, operands));
    for (int i = 0; i < shapes.length; i++) {
      if (shapes[i].equals(y.shape()) && inputs.dtype(i).bytes() == y.dtype().bytes()) {
        return PreparedOperator.inPlace(i, body);
      }
    }
    return body;
  }

  /**
   * What each input has for the elements of a matrix that is made of stretches one after the other;
   * empty where an input has one for each row, or where there is one stretch only.
   */
  private static List<Operand> matrix(BroadcastLoops loops, int inputs) {
    List<Operand> operands = new ArrayList<>();
    for (int i = 0; i < inputs; i++) {
      long stride = loops.rowStride(i);
      boolean isEach = loops.isSpread(i) && stride == loops.inner();
      if (stride != 0 && !isEach) {
        return List.of();
      }
      operands.add(isEach ? Operand.EACH : loops.isSpread(i) ? Operand.COLUMN : Operand.ONE);
    }
    return operands.contains(Operand.EACH) ? operands : List.of();
  }

  private static PreparedOperator matrices(BroadcastLoops loops, Loop loop) {
    int columns = loops.inner();
    return (in, out, run) ->
        loops.forEachRows(
            run.pool(),
            (stretch, rows) ->
                loop.run(
                    rows,
                    columns,
                    segments(in),
                    offsets(loops, in.length, stretch, 0),
                    out[0].segment(),
                    loops.output(stretch, 0)));
  }

  /** Stretches along which each input has an element of its own for each, or one for all. */
  private PreparedOperator stretches(BroadcastLoops loops, int inputs, PrepareContext context) {
    List<Operand> operands = new ArrayList<>();
    for (int i = 0; i < inputs; i++) {
      operands.add(loops.isSpread(i) ? Operand.EACH : Operand.ONE);
    }
    Loop loop = context.kernels().chains().loop(chain, operands);
    return (in, out, run) ->
        loops.forEach(
            run.pool(),
            (stretch, from, to) ->
                loop.run(
                    1,
                    to - from,
                    segments(in),
                    offsets(loops, in.length, stretch, from),
                    out[0].segment(),
                    loops.output(stretch, from)));
  }

  private static long[] offsets(BroadcastLoops loops, int inputs, int stretch, int from) {
    long[] offsets = new long[inputs];
    for (int i = 0; i < inputs; i++) {
      offsets[i] = loops.offset(i, stretch, from);
    }
    return offsets;
  }

  private static MemorySegment[] segments(Tensor[] in) {
    MemorySegment[] segments = new MemorySegment[in.length];
    for (int i = 0; i < in.length; i++) {
      segments[i] = in[i].segment();
    }
    return segments;
  }
}
