package io.lockstep.runtime.kernel.vector;

import static io.lockstep.runtime.kernel.vector.Lanes.BYTES;
import static io.lockstep.runtime.kernel.vector.Lanes.COUNT;

import io.lockstep.runtime.kernel.Activation;
import io.lockstep.runtime.kernel.BinaryFunction;
import io.lockstep.runtime.kernel.Elementwise;
import io.lockstep.runtime.kernel.Junction;
import io.lockstep.runtime.kernel.Relation;
import io.lockstep.runtime.kernel.UnaryFunction;
import io.lockstep.runtime.tensor.DType;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Functions of single elements. The loops take whole vectors only; the elements left over are
 * copied to a vector of scratch memory and go through the same loop, which gives them the same bits
 * and keeps the loops small.
 */
final class VectorElementwise implements Elementwise {

  private final Elementwise scalar;

  /**
   * The vector loops.
   *
   * @param scalar takes over the functions that have no loop of vectors
   */
  VectorElementwise(Elementwise scalar) {
    this.scalar = scalar;
  }

  @Override
  public void unary(
      Activation function,
      MemorySegment x,
      long xOffset,
      MemorySegment y,
      long yOffset,
      long count) {
    if (function.function() == UnaryFunction.IDENTITY) {
      MemorySegment.copy(x, xOffset * Float.BYTES, y, yOffset * Float.BYTES, count * Float.BYTES);
      return;
    }
    if (!UnaryLoops.has(function)) {
      scalar.unary(function, x, xOffset, y, yOffset, count);
      return;
    }
    long rest = count % COUNT;
    long whole = count - rest;
    UnaryLoops.run(function, x, xOffset * Float.BYTES, y, yOffset * Float.BYTES, whole);
    if (rest > 0) {
      MemorySegment scratch = ThreadScratch.get();
      copy(x, xOffset + whole, scratch, 0, rest);
      UnaryLoops.run(function, scratch, 0, scratch, 0, COUNT);
      copy(scratch, 0, y, yOffset + whole, rest);
    }
  }

  private static void copy(
      MemorySegment from, long fromOffset, MemorySegment to, long toOffset, long count) {
    for (long i = 0; i < count; i++) {
      float value = from.get(Lanes.FLOAT, (fromOffset + i) * Float.BYTES);
      to.set(Lanes.FLOAT, (toOffset + i) * Float.BYTES, value);
    }
  }

  @Override
  public void binary(
      BinaryFunction function,
      MemorySegment x,
      long xOffset,
      MemorySegment y,
      long yOffset,
      MemorySegment z,
      long zOffset,
      long count) {
    if (!BinaryLoops.has(function)) {
      scalar.binary(function, x, xOffset, y, yOffset, z, zOffset, count);
      return;
    }
    long rest = count % COUNT;
    long whole = count - rest;
    BinaryLoops.run(
        function,
        x,
        xOffset * Float.BYTES,
        y,
        yOffset * Float.BYTES,
        z,
        zOffset * Float.BYTES,
        whole);
    if (rest > 0) {
      MemorySegment scratch = ThreadScratch.get();
      copy(x, xOffset + whole, scratch, 0, rest);
      copy(y, yOffset + whole, scratch, COUNT, rest);
      BinaryLoops.run(function, scratch, 0, scratch, BYTES, scratch, 0, COUNT);
      copy(scratch, 0, z, zOffset + whole, rest);
    }
  }

  @Override
  public void binaryScalarRight(
      BinaryFunction function,
      MemorySegment x,
      long xOffset,
      float y,
      MemorySegment z,
      long zOffset,
      long count) {
    if (!ScalarOperandLoops.hasRight(function, y)) {
      scalar.binaryScalarRight(function, x, xOffset, y, z, zOffset, count);
      return;
    }
    long rest = count % COUNT;
    long whole = count - rest;
    ScalarOperandLoops.runRight(
        function, x, xOffset * Float.BYTES, y, z, zOffset * Float.BYTES, whole);
    if (rest > 0) {
      MemorySegment scratch = ThreadScratch.get();
      copy(x, xOffset + whole, scratch, 0, rest);
      ScalarOperandLoops.runRight(function, scratch, 0, y, scratch, 0, COUNT);
      copy(scratch, 0, z, zOffset + whole, rest);
    }
  }

  @Override
  public void binaryScalarLeft(
      BinaryFunction function,
      float x,
      MemorySegment y,
      long yOffset,
      MemorySegment z,
      long zOffset,
      long count) {
    if (!ScalarOperandLoops.hasLeft(function)) {
      scalar.binaryScalarLeft(function, x, y, yOffset, z, zOffset, count);
      return;
    }
    long rest = count % COUNT;
    long whole = count - rest;
    ScalarOperandLoops.runLeft(
        function, x, y, yOffset * Float.BYTES, z, zOffset * Float.BYTES, whole);
    if (rest > 0) {
      MemorySegment scratch = ThreadScratch.get();
      copy(y, yOffset + whole, scratch, 0, rest);
      ScalarOperandLoops.runLeft(function, x, scratch, 0, scratch, 0, COUNT);
      copy(scratch, 0, z, zOffset + whole, rest);
    }
  }

  @Override
  public void affine(
      int rows,
      int columns,
      MemorySegment x,
      long xOffset,
      MemorySegment factors,
      MemorySegment offsets,
      MemorySegment y,
      long yOffset) {
    long step = (long) columns * Float.BYTES;
    for (int i = 0; i < columns; i += Lanes.COUNT) {
      VectorMask<Float> lanes = Lanes.tail(i, columns);
      long at = (long) i * Float.BYTES;
      FloatVector factor = Lanes.load(factors, at, lanes);
      FloatVector offset = Lanes.load(offsets, at, lanes);
      long from = xOffset * Float.BYTES + at;
      long to = yOffset * Float.BYTES + at;
      for (int row = 0; row < rows; row++, from += step, to += step) {
        Lanes.store(Lanes.load(x, from, lanes).fma(factor, offset), y, to, lanes);
      }
    }
  }

  @Override
  public void compare(
      Relation relation,
      DType type,
      MemorySegment x,
      long xOffset,
      MemorySegment y,
      long yOffset,
      MemorySegment z,
      long zOffset,
      long count) {
    long whole = type == DType.FLOAT32 ? count - count % COUNT : 0;
    long left = xOffset * Float.BYTES;
    ChoiceLoops.compare(relation, x, left, y, yOffset * Float.BYTES, z, zOffset, whole);
    scalar.compare(
        relation, type, x, xOffset + whole, y, yOffset + whole, z, zOffset + whole, count - whole);
  }

  @Override
  public void join(
      Junction function,
      MemorySegment x,
      long xOffset,
      MemorySegment y,
      long yOffset,
      MemorySegment z,
      long zOffset,
      long count) {
    scalar.join(function, x, xOffset, y, yOffset, z, zOffset, count);
  }

  @Override
  public void select(
      DType type,
      MemorySegment condition,
      long conditionOffset,
      MemorySegment x,
      long xOffset,
      MemorySegment y,
      long yOffset,
      MemorySegment z,
      long zOffset,
      long count) {
    boolean isWords = type == DType.FLOAT32 || type == DType.INT32;
    long whole = isWords ? count - count % COUNT : 0;
    ChoiceLoops.select(
        condition,
        conditionOffset,
        x,
        xOffset * Float.BYTES,
        y,
        yOffset * Float.BYTES,
        z,
        zOffset * Float.BYTES,
        whole);
    scalar.select(
        type,
        condition,
        conditionOffset + whole,
        x,
        xOffset + whole,
        y,
        yOffset + whole,
        z,
        zOffset + whole,
        count - whole);
  }

  @Override
  public void convert(
      DType from,
      MemorySegment x,
      long xOffset,
      DType to,
      MemorySegment y,
      long yOffset,
      long count) {
    scalar.convert(from, x, xOffset, to, y, yOffset, count);
  }
}
