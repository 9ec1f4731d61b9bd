package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import java.util.Arrays;

/**
 * Where the blocks that index tuples name stand in a tensor: indices [..., tuple] name blocks of
 * the axes behind the first {@code tuple} ones, after batch axes that both tensors share.
 */
final class TuplePlaces {

  private final String operator;
  private final Shape lead;
  private final Shape block;
  private final int tuplesPerBatch;
  private final long batchStride;
  private final int[] extents; // [tuple]
  private final long[] strides; // [tuple]

  private TuplePlaces(
      String operator,
      Shape lead,
      Shape block,
      int tuplesPerBatch,
      long batchStride,
      int[] extents,
      long[] strides) {
    this.operator = operator;
    this.lead = lead;
    this.block = block;
    this.tuplesPerBatch = tuplesPerBatch;
    this.batchStride = batchStride;
    this.extents = extents;
    this.strides = strides;
  }

  /** The blocks of input 0 that the tuples in input 1 name. */
  static TuplePlaces of(String operator, OperatorInputs inputs, int batchAxes) {
    Indices.check(inputs, 1);
    Shape x = inputs.shape(0);
    Shape indices = inputs.shape(1);
    if (indices.rank() <= batchAxes || x.rank() <= batchAxes) {
      throw inputs.invalid(
          "%d batch axes for x %s and indices %s".formatted(batchAxes, x, indices));
    }
    int tuple = indices.extent(-1);
    boolean fits = batchAxes + tuple <= x.rank();
    for (int i = 0; i < batchAxes; i++) {
      fits &= x.extent(i) == indices.extent(i);
    }
    if (!fits) {
      throw inputs.invalid("indices %s do not name blocks of %s".formatted(indices, x));
    }
    int end = batchAxes + tuple;
    int[] lead = Arrays.copyOf(indices.toArray(), indices.rank() - 1);
    int[] block = Arrays.copyOfRange(x.toArray(), end, x.rank());
    return new TuplePlaces(
        operator,
        Shape.of(lead),
        Shape.of(block),
        indices.product(batchAxes, indices.rank() - 1),
        x.product(batchAxes, x.rank()),
        Arrays.copyOfRange(x.toArray(), batchAxes, end),
        Arrays.copyOfRange(x.strides(), batchAxes, end));
  }

  /** How many tuples there are. */
  int count() {
    return lead.intSize();
  }

  /** Elements of a block. */
  int blockSize() {
    return block.intSize();
  }

  /**
   * The shape of all blocks together: that of the indices without the last axis, then a block's.
   */
  Shape blocks() {
    int[] extents = Arrays.copyOf(lead.toArray(), lead.rank() + block.rank());
    for (int axis = 0; axis < block.rank(); axis++) {
      extents[lead.rank() + axis] = block.extent(axis);
    }
    return Shape.of(extents);
  }

  /** The place of the first element of the block that a tuple names. */
  long of(Tensor indices, int position) {
    long at = position / tuplesPerBatch * batchStride;
    for (int i = 0; i < extents.length; i++) {
      long index = indices.asLong((long) position * extents.length + i);
      at += Indices.resolve(operator, index, extents[i]) * strides[i];
    }
    return at;
  }
}
