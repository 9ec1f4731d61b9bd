package io.lockstep.runtime.kernel;

import io.lockstep.runtime.kernel.ElementChain.ByteScale;
import io.lockstep.runtime.kernel.ElementChain.Node;
import io.lockstep.runtime.tensor.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.IdentityHashMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The steps of a chain one by one on other kernels, over blocks so short that what is between two
 * steps stays in the first-level cache.
 */
abstract class ChainSteps {

  /** Elements of a block. */
  static final int BLOCK = 512;

  /** Blocks between steps that a chain may need at a time; a node takes one at most. */
  static final int BLOCKS = ElementChain.MOST_NODES;

  /**
   * From one block to the next; no multiple of 4 KiB, which loads and stores would not tell apart.
   */
  private static final long BLOCK_BYTES = (long) BLOCK * Long.BYTES + 192;

  private static final PerThread<MemorySegment> SCRATCH =
      PerThread.withInitial(() -> Arena.ofAuto().allocate(BLOCKS * BLOCK_BYTES, 64));

  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

  private final MemorySegment scratch = SCRATCH.get();
  private final Set<Node> shared;
  private final IdentityHashMap<Node, Values> kept = new IdentityHashMap<>();
  private final Elementwise elementwise;
  private final Quantize quantize;
  private int count;
  private int taken;

  /**
   * Steps on other kernels.
   *
   * @param shared nodes whose values are kept for their next use in the block, by identity
   */
  ChainSteps(Elementwise elementwise, Quantize quantize, Set<Node> shared) {
    this.shared = shared;
    this.elementwise = elementwise;
    this.quantize = quantize;
  }

  /** The array of an input. */
  abstract MemorySegment memory(int index);

  /** Where in its array an input has the block's elements. */
  abstract long at(int index);

  /** Whether an input has one element for all. */
  abstract boolean isOne(int index);

  /** Elements of a block: a few in memory, or one float for all. */
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
   * @param result how it is rounded to a byte; null for the node's own type
   */
  final void block(
      Node node, @Nullable ByteScale result, int length, MemorySegment y, long yOffset) {
    count = length;
    taken = 0;
    kept.clear();
    Values values = inMemory(values(node));
    if (result == null) {
      long size = ElementChain.type(node).bytes();
      MemorySegment.copy(values.memory, values.offset * size, y, yOffset * size, count * size);
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
    Values values = kept.get(node);
    if (values == null) {
      values = computed(node);
      if (shared.contains(node)) {
        kept.put(node, values);
      }
    }
    return values;
  }

  private Values computed(Node node) {
    return switch (node) {
      case ElementChain.Literal(float value) -> Values.of(value);
      case ElementChain.Whole(DType type, long value) -> repeated(type, value);
      case ElementChain.Input(int index, DType type) -> input(index, type);
      case ElementChain.ByteInput(int index, ByteScale scale) -> bytes(index, scale);
      case ElementChain.Unary(Activation function, Node operand) -> {
        Values from = inMemory(values(operand));
        Values to = free(DType.FLOAT32);
        elementwise.unary(function, from.memory, from.offset, to.memory, to.offset, count);
        yield to;
      }
      case ElementChain.Binary(BinaryFunction function, Node left, Node right) ->
          binary(function, values(left), values(right));
      case ElementChain.MultiplyAdd(Node operand, Node factor, Node offset) -> {
        Values from = inMemory(values(operand));
        MemorySegment factors = slice(inMemory(values(factor)));
        MemorySegment offsets = slice(inMemory(values(offset)));
        Values to = free(DType.FLOAT32);
        elementwise.affine(
            1, count, from.memory, from.offset, factors, offsets, to.memory, to.offset);
        yield to;
      }
      case ElementChain.Compare compare -> compare(compare);
      case ElementChain.Join(Junction function, Node left, Node right) -> {
        Values x = values(left);
        Values y = values(right);
        Values to = free(DType.BOOL);
        elementwise.join(
            function, x.memory, x.offset, y.memory, y.offset, to.memory, to.offset, count);
        yield to;
      }
      case ElementChain.Select select -> select(select);
      case ElementChain.Convert(DType type, Node operand) -> {
        Values from = inMemory(values(operand));
        DType own = ElementChain.type(operand);
        Values to = free(type);
        elementwise.convert(own, from.memory, from.offset, type, to.memory, to.offset, count);
        yield to;
      }
    };
  }

  private Values compare(ElementChain.Compare node) {
    Values x = inMemory(values(node.x()));
    Values y = inMemory(values(node.y()));
    Values to = free(DType.BOOL);
    elementwise.compare(
        node.relation(),
        ElementChain.type(node.x()),
        x.memory,
        x.offset,
        y.memory,
        y.offset,
        to.memory,
        to.offset,
        count);
    return to;
  }

  private Values select(ElementChain.Select node) {
    Values condition = values(node.condition());
    Values x = inMemory(values(node.x()));
    Values y = inMemory(values(node.y()));
    DType type = ElementChain.type(node);
    Values to = free(type);
    elementwise.select(
        type,
        condition.memory,
        condition.offset,
        x.memory,
        x.offset,
        y.memory,
        y.offset,
        to.memory,
        to.offset,
        count);
    return to;
  }

  private MemorySegment slice(Values values) {
    return values.memory.asSlice(values.offset * Float.BYTES, (long) count * Float.BYTES);
  }

  private Values free(DType type) {
    return Values.of(scratch, taken++ * BLOCK_BYTES / type.bytes());
  }

  private Values input(int index, DType type) {
    if (!isOne(index)) {
      return Values.of(memory(index), at(index));
    }
    MemorySegment from = memory(index);
    return switch (type) {
      case FLOAT32 -> Values.of(from.get(FLOAT, at(index) * Float.BYTES));
      case INT64 -> repeated(type, from.get(LONG, at(index) * Long.BYTES));
      case INT32 -> repeated(type, from.get(INT, at(index) * Integer.BYTES));
      default -> repeated(type, from.get(ValueLayout.JAVA_BYTE, at(index)));
    };
  }

  private Values repeated(DType type, long value) {
    Values to = free(type);
    for (int i = 0; i < count; i++) {
      switch (type) {
        case INT64 -> scratch.setAtIndex(LONG, to.offset + i, value);
        case INT32 -> scratch.setAtIndex(INT, to.offset + i, (int) value);
        default -> scratch.set(ValueLayout.JAVA_BYTE, to.offset + i, (byte) value);
      }
    }
    return to;
  }

  private Values bytes(int index, ByteScale scale) {
    boolean isOne = isOne(index);
    Values to = free(DType.FLOAT32);
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
    Values to = free(DType.FLOAT32);
    for (int i = 0; i < count; i++) {
      scratch.setAtIndex(ValueLayout.JAVA_FLOAT, to.offset + i, values.number);
    }
    return to;
  }

  private Values binary(BinaryFunction function, Values left, Values right) {
    Values to = free(DType.FLOAT32);
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
