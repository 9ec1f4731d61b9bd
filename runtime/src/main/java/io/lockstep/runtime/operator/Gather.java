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
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * ONNX Gather 1-13: the entries of x along {@code axis} that the indices name; a negative index
 * counts from the end. On axis 0 of a constant this is the look-up in an embedding table.
 *
 * <p>Inputs: x [outer, extent, inner]; indices INT32 or INT64 of any shape; y [outer, indices,
 * inner], where outer and inner stand for any number of axes.
 */
public record Gather(int axis) implements Operator {

  static Gather of(NodeAttributes attributes) {
    return new Gather(Math.toIntExact(attributes.intOr("axis", 0)));
  }

  @Override
  public String name() {
    return "Gather";
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Shape x = inputs.shape(0);
    Shape indices = inputs.shape(1);
    Indices.check(inputs, 1);
    int at = Axes.resolve(inputs, axis, x.rank());
    int[] extents = new int[x.rank() - 1 + indices.rank()];
    for (int i = 0; i < extents.length; i++) {
      int behind = i - at - indices.rank();
      extents[i] =
          i < at ? x.extent(i) : behind < 0 ? indices.extent(i - at) : x.extent(at + 1 + behind);
    }
    return List.of(inputs.type(0).withShape(Shape.of(extents)));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Shape x = inputs.shape(0);
    int at = Axes.resolve(inputs, axis, x.rank());
    int extent = x.extent(at);
    int outer = x.product(0, at);
    int count = inputs.shape(1).intSize();
    DType dtype = inputs.dtype(0);
    int inner = x.product(at + 1, x.rank());
    if (dtype == DType.STRING) {
      return (in, out, _) -> texts(in, out[0], outer, extent, count, inner);
    }
    long blockBytes = (long) inner * dtype.bytes();
    return (in, out, run) -> {
      checkAll(in[1], extent);
      run.pool()
          .parallelFor(
              outer * count,
              Chunks.grainRows(blockBytes / Float.BYTES),
              (from, to) ->
                  blocks(in[0].segment(), in[1], out[0].segment(), extent, blockBytes, from, to));
    };
  }

  /** Says which index is wrong before any thread copies. */
  private static void checkAll(Tensor indices, int extent) {
    for (long i = 0; i < indices.size(); i++) {
      Indices.resolve("Gather", indices.asLong(i), extent);
    }
  }

  private static void blocks(
      MemorySegment x,
      Tensor indices,
      MemorySegment y,
      int extent,
      long blockBytes,
      int from,
      int to) {
    int count = (int) indices.size();
    for (int block = from; block < to; block++) {
      long entry = indices.asLong(block % count);
      long row = (long) (block / count) * extent + (entry < 0 ? entry + extent : entry);
      MemorySegment.copy(x, row * blockBytes, y, block * blockBytes, blockBytes);
    }
  }

  private static void texts(Tensor[] in, Tensor y, int outer, int extent, int count, int inner) {
    for (int block = 0; block < outer * count; block++) {
      long entry = Indices.resolve("Gather", in[1].asLong(block % count), extent);
      int row = (int) (block / count * (long) extent + entry);
      System.arraycopy(in[0].strings(), row * inner, y.strings(), block * inner, inner);
    }
  }
}
