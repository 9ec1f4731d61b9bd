package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.kernel.ComputePool;
import io.lockstep.runtime.kernel.ElementChain;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** ONNX Where 9-16: z = condition ? x : y, element by element, all three broadcast. */
public record Where() implements ElementStep {

  static Where of(NodeAttributes attributes) {
    return new Where();
  }

  @Override
  public String name() {
    return "Where";
  }

  @Override
  public ElementChain.Node step(List<ElementChain.Node> operands) {
    return new ElementChain.Select(operands.get(0), operands.get(1), operands.get(2));
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    if (inputs.dtype(0) != DType.BOOL || inputs.dtype(1) != inputs.dtype(2)) {
      throw inputs.invalid(
          "expected a BOOL condition and one type but got %s, %s and %s"
              .formatted(inputs.type(0), inputs.type(1), inputs.type(2)));
    }
    Shape values = BroadcastLoops.shape(inputs, inputs.shape(1), inputs.shape(2));
    Shape all = BroadcastLoops.shape(inputs, inputs.shape(0), values);
    return List.of(inputs.type(1).withShape(all));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    return alone(inputs, context).orElseGet(() -> elementByElement(inputs));
  }

  private PreparedOperator elementByElement(OperatorInputs inputs) {
    TensorType output = outputTypes(inputs).getFirst();
    BroadcastLoops loops =
        BroadcastLoops.of(output.shape(), inputs.shape(0), inputs.shape(1), inputs.shape(2));
    if (output.dtype() == DType.STRING) {
      return (in, out, _) ->
          loops.forEach(
              ComputePool.CALLER,
              (stretch, from, to) -> texts(loops, in, out[0], stretch, from, to));
    }
    int bytes = output.dtype().bytes();
    return (in, out, run) ->
        loops.forEach(
            run.pool(), (stretch, from, to) -> select(loops, bytes, in, out[0], stretch, from, to));
  }

  private static void select(
      BroadcastLoops loops, int bytes, Tensor[] in, Tensor z, int stretch, int from, int to) {
    MemorySegment condition = in[0].segment();
    MemorySegment target = z.segment();
    long c = loops.offset(0, stretch, from);
    long x = loops.offset(1, stretch, from);
    long y = loops.offset(2, stretch, from);
    int cStep = loops.isSpread(0) ? 1 : 0;
    int xStep = loops.isSpread(1) ? 1 : 0;
    int yStep = loops.isSpread(2) ? 1 : 0;
    long at = loops.output(stretch, from);
    for (int i = 0; i < to - from; i++) {
      boolean first = condition.get(ValueLayout.JAVA_BYTE, c + (long) i * cStep) != 0;
      MemorySegment source = first ? in[1].segment() : in[2].segment();
      long element = first ? x + (long) i * xStep : y + (long) i * yStep;
      copy(source, element, target, at + i, bytes);
    }
  }

  private static void copy(MemorySegment from, long i, MemorySegment to, long j, int bytes) {
    switch (bytes) {
      case 1 -> to.set(ValueLayout.JAVA_BYTE, j, from.get(ValueLayout.JAVA_BYTE, i));
      case 2 ->
          to.set(
              ValueLayout.JAVA_SHORT_UNALIGNED,
              j * 2,
              from.get(ValueLayout.JAVA_SHORT_UNALIGNED, i * 2));
      case 4 ->
          to.set(
              ValueLayout.JAVA_INT_UNALIGNED,
              j * 4,
              from.get(ValueLayout.JAVA_INT_UNALIGNED, i * 4));
      default ->
          to.set(
              ValueLayout.JAVA_LONG_UNALIGNED,
              j * 8,
              from.get(ValueLayout.JAVA_LONG_UNALIGNED, i * 8));
    }
  }

  private static void texts(
      BroadcastLoops loops, Tensor[] in, Tensor z, int stretch, int from, int to) {
    for (int i = from; i < to; i++) {
      int source = in[0].getBoolean(loops.offset(0, stretch, i)) ? 1 : 2;
      z.strings()[(int) loops.output(stretch, i)] =
          in[source].strings()[(int) loops.offset(source, stretch, i)];
    }
  }
}
