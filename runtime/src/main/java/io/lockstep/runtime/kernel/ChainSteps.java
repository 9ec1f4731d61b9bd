package io.lockstep.runtime.kernel;

import io.lockstep.runtime.kernel.ElementChain.ByteScale;
import io.lockstep.runtime.kernel.ElementChain.Node;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * The steps of a chain one by one on other kernels, over blocks so short that what is between two
 * steps stays in the first-level cache.
 */
abstract class ChainSteps {

  /** Elements of a block. */
  static final int BLOCK = 512;

  /** Blocks between steps that a chain may need at a time; a step takes one at most. */
  static final int BLOCKS = 64;

  private static final PerThread<MemorySegment> SCRATCH =
      PerThread.withInitial(() -> Arena.ofAuto().allocate((long) BLOCKS * BLOCK * Float.BYTES, 64));

  private final MemorySegment scratch = SCRATCH.get();
  private final Elementwise elementwise;
  private final Quantize quantize;
  private int count;
  private int taken;

  ChainSteps(Elementwise elementwise, Quantize quantize) {
    this.elementwise = elementwise;
    this.quantize = quantize;
  }

  /** The array of an input. */
  abstract MemorySegment memory(int index);

  /** Where in its array an input has the block's elements. */
  abstract long at(int index);

  /** Whether an input has one element for all. */
  abstract boolean isOne(int index);

  /** Floats of a block: a few in memory, or one for all. */
  private record Values(MemorySegment memory, long offset, float number, boolean isNumber) {

    static Values of(MemorySegment memory, long offset) {
      return new Values(memory, offset, 0, false);
    }

    static Values of(float number) {
      return new Values(MemorySegment.NULL, 0, number, true);
    }
  }

  /**
   * y = node over one block.
   *
   * @param result how it is rounded to a byte; null for floats
   */
  final void block(
      Node node, @Nullable ByteScale result, int length, MemorySegment y, long yOffset) {
    count = length;
    taken = 0;
    Values values = inMemory(values(node));
    if (result == null) {
      long bytes = (long) count * Float.BYTES;
      MemorySegment.copy(
          values.memory, values.offset * Float.BYTES, y, yOffset * Float.BYTES, bytes);
      return;
    }
    quantize.quantize(
        values.memory,
        values.offset,
        result.scale(),
        result.zeroPoint(),
        result.signed(),
        y,
        yOffset,
        count);
  }

  private Values values(Node node) {
    return switch (node) {
      case ElementChain.Literal(float value) -> Values.of(value);
      case ElementChain.Input(int index) -> input(index);
      case ElementChain.ByteInput(int index, ByteScale scale) -> bytes(index, scale);
      case ElementChain.Unary(Activation function, Node operand) -> {
        Values from = inMemory(values(operand));
        Values to = free();
        elementwise.unary(function, from.memory, from.offset, to.memory, to.offset, count);
        yield to;
      }
      case ElementChain.Binary(BinaryFunction function, Node left, Node right) ->
          binary(function, values(left), values(right));
      case ElementChain.MultiplyAdd(Node operand, Node factor, Node offset) -> {
        Values from = inMemory(values(operand));
        MemorySegment factors = slice(inMemory(values(factor)));
        MemorySegment offsets = slice(inMemory(values(offset)));
        Values to = free();
        elementwise.affine(
            1, count, from.memory, from.offset, factors, offsets, to.memory, to.offset);
        yield to;
      }
    };
  }

  private MemorySegment slice(Values values) {
    return values.memory.asSlice(values.offset * Float.BYTES, (long) count * Float.BYTES);
  }

  private Values free() {
    return Values.of(scratch, (long) taken++ * BLOCK);
  }

  private Values input(int index) {
    return isOne(index)
        ? Values.of(memory(index).get(ValueLayout.JAVA_FLOAT_UNALIGNED, at(index) * Float.BYTES))
        : Values.of(memory(index), at(index));
  }

  private Values bytes(int index, ByteScale scale) {
    boolean isOne = isOne(index);
    Values to = free();
    quantize.dequantize(
        memory(index),
        at(index),
        scale.scale(),
        scale.zeroPoint(),
        scale.signed(),
        to.memory,
        to.offset,
        isOne ? 1 : count);
    return isOne ? Values.of(scratch.getAtIndex(ValueLayout.JAVA_FLOAT, to.offset)) : to;
  }

  private Values inMemory(Values values) {
    if (!values.isNumber) {
      return values;
    }
    Values to = free();
    for (int i = 0; i < count; i++) {
      scratch.setAtIndex(ValueLayout.JAVA_FLOAT, to.offset + i, values.number);
    }
    return to;
  }

  private Values binary(BinaryFunction function, Values left, Values right) {
    Values to = free();
    if (right.isNumber) {
      Values from = inMemory(left);
      elementwise.binaryScalarRight(
          function, from.memory, from.offset, right.number, to.memory, to.offset, count);
    } else if (left.isNumber) {
      elementwise.binaryScalarLeft(
          function, left.number, right.memory, right.offset, to.memory, to.offset, count);
    } else {
      elementwise.binary(
          function,
          left.memory,
          left.offset,
          right.memory,
          right.offset,
          to.memory,
          to.offset,
          count);
    }
    return to;
  }
}
