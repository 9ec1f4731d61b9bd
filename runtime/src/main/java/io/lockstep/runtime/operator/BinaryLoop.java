package io.lockstep.runtime.operator;

import io.lockstep.runtime.kernel.BinaryFunction;
import io.lockstep.runtime.kernel.ComputePool;
import io.lockstep.runtime.kernel.Elementwise;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** z = f(x, y) over tensors that broadcast together; z may be the memory of x or of y. */
@FunctionalInterface
interface BinaryLoop {

  void run(Tensor x, Tensor y, Tensor z, ComputePool pool);

  /** The loop for element types: kernels for floats, exact integers, doubles for the rest. */
  static BinaryLoop of(
      BinaryFunction function, DType left, DType right, Elementwise kernel, BroadcastLoops loops) {
    if (left == DType.FLOAT32 && right == DType.FLOAT32) {
      return (x, y, z, pool) ->
          loops.forEach(
              pool,
              (stretch, from, to) ->
                  floats(
                      function,
                      kernel,
                      loops,
                      x.segment(),
                      y.segment(),
                      z.segment(),
                      stretch,
                      from,
                      to));
    }
    if (left.isFloat() || right.isFloat()) {
      return ofDoubles(loops, (x, y) -> Arithmetic.apply(function, x, y));
    }
    boolean unsigned = left == DType.UINT64;
    return ofLongs(loops, (x, y) -> Arithmetic.apply(function, x, y, unsigned));
  }

  /** A function of two doubles. */
  @FunctionalInterface
  interface Doubles {
    double apply(double x, double y);
  }

  /** A function of two integers; unsigned 64-bit ones come as their bits. */
  @FunctionalInterface
  interface Longs {
    long apply(long x, long y);
  }

  /** The loop that computes in double precision and rounds once. */
  static BinaryLoop ofDoubles(BroadcastLoops loops, Doubles function) {
    return (x, y, z, pool) ->
        loops.forEach(
            pool,
            (stretch, from, to) -> {
              long left = loops.offset(0, stretch, from);
              long right = loops.offset(1, stretch, from);
              long at = loops.output(stretch, from);
              for (int i = from; i < to; i++) {
                z.setFromDouble(at++, function.apply(x.asDouble(left), y.asDouble(right)));
                left += loops.isSpread(0) ? 1 : 0;
                right += loops.isSpread(1) ? 1 : 0;
              }
            });
  }

  /** The loop that computes in 64-bit integers and stores the low bits. */
  static BinaryLoop ofLongs(BroadcastLoops loops, Longs function) {
    return (x, y, z, pool) ->
        loops.forEach(
            pool,
            (stretch, from, to) -> {
              long left = loops.offset(0, stretch, from);
              long right = loops.offset(1, stretch, from);
              long at = loops.output(stretch, from);
              for (int i = from; i < to; i++) {
                z.setFromLong(at++, function.apply(x.asLong(left), y.asLong(right)));
                left += loops.isSpread(0) ? 1 : 0;
                right += loops.isSpread(1) ? 1 : 0;
              }
            });
  }

  private static void floats(
      BinaryFunction function,
      Elementwise kernel,
      BroadcastLoops loops,
      MemorySegment x,
      MemorySegment y,
      MemorySegment z,
      int stretch,
      int from,
      int to) {
    long xAt = loops.offset(0, stretch, from);
    long yAt = loops.offset(1, stretch, from);
    long zAt = loops.output(stretch, from);
    int count = to - from;
    if (loops.isSpread(0) == loops.isSpread(1)) {
      // Where neither is spread the stretch is a single element.
      kernel.binary(function, x, xAt, y, yAt, z, zAt, count);
    } else if (loops.isSpread(0)) {
      float right = y.get(ValueLayout.JAVA_FLOAT_UNALIGNED, yAt * Float.BYTES);
      kernel.binaryScalarRight(function, x, xAt, right, z, zAt, count);
    } else {
      float left = x.get(ValueLayout.JAVA_FLOAT_UNALIGNED, xAt * Float.BYTES);
      kernel.binaryScalarLeft(function, left, y, yAt, z, zAt, count);
    }
  }
}
