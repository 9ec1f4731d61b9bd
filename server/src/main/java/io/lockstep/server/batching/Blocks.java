package io.lockstep.server.batching;

import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Tensor;
import java.lang.foreign.MemorySegment;

/**
 * Copies rectangular blocks between row-major tensors of the same rank and element type. A block is
 * given by where it starts and how far it reaches along each axis.
 */
final class Blocks {

  private Blocks() {}

  /**
   * Copies a block.
   *
   * @param from [rank] where it starts in the source
   * @param to [rank] where it starts in the target
   * @param extents [rank] of the block
   */
  static void copy(Tensor source, int[] from, Tensor target, int[] to, int[] extents) {
    if (isEmpty(extents)) {
      return;
    }
    long[] sourceStrides = source.shape().strides();
    long[] targetStrides = target.shape().strides();
    int inner = contiguousFrom(extents, source.shape().toArray(), target.shape().toArray());
    long run = 1;
    for (int axis = inner; axis < extents.length; axis++) {
      run *= extents[axis];
    }
    long sourceStart = offset(from, sourceStrides);
    long targetStart = offset(to, targetStrides);
    int[] index = new int[inner];
    do {
      move(
          source,
          sourceStart + offset(index, sourceStrides),
          target,
          targetStart + offset(index, targetStrides),
          run);
    } while (advance(index, extents));
  }

  /** Sets a block to zero; text to the empty string. */
  static void clear(Tensor target, int[] to, int[] extents) {
    if (isEmpty(extents)) {
      return;
    }
    long[] strides = target.shape().strides();
    int[] shape = target.shape().toArray();
    int inner = contiguousFrom(extents, shape, shape);
    long run = 1;
    for (int axis = inner; axis < extents.length; axis++) {
      run *= extents[axis];
    }
    long start = offset(to, strides);
    int[] index = new int[inner];
    do {
      long first = start + offset(index, strides);
      if (target.dtype() == DType.STRING) {
        for (long i = first; i < first + run; i++) {
          target.strings()[(int) i] = new byte[0];
        }
      } else {
        int width = target.dtype().bytes();
        target.segment().asSlice(first * width, run * width).fill((byte) 0);
      }
    } while (advance(index, extents));
  }

  /** The first axis from which on the block is one run of elements in both tensors. */
  private static int contiguousFrom(int[] extents, int[] source, int[] target) {
    int axis = extents.length;
    while (axis > 0) {
      axis--;
      if (extents[axis] != source[axis] || extents[axis] != target[axis]) {
        break; // this axis is cut, but what lies inside one step of it is whole
      }
    }
    return axis;
  }

  private static void move(Tensor source, long from, Tensor target, long to, long count) {
    if (source.dtype() == DType.STRING) {
      System.arraycopy(source.strings(), (int) from, target.strings(), (int) to, (int) count);
      return;
    }
    int width = source.dtype().bytes();
    MemorySegment.copy(source.segment(), from * width, target.segment(), to * width, count * width);
  }

  /** Elements from the start of a tensor; {@code index} may leave out inner axes. */
  private static long offset(int[] index, long[] strides) {
    long offset = 0;
    for (int axis = 0; axis < index.length; axis++) {
      offset += index[axis] * strides[axis];
    }
    return offset;
  }

  /** Steps to the next index, the last axis fastest; false behind the last. */
  private static boolean advance(int[] index, int[] extents) {
    for (int axis = index.length - 1; axis >= 0; axis--) {
      if (++index[axis] < extents[axis]) {
        return true;
      }
      index[axis] = 0;
    }
    return false;
  }

  private static boolean isEmpty(int[] extents) {
    for (int extent : extents) {
      if (extent == 0) {
        return true;
      }
    }
    return false;
  }
}
