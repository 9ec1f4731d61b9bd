package io.lockstep.runtime.kernel;

import io.lockstep.runtime.kernel.ElementChain.ByteScale;
import io.lockstep.runtime.kernel.ElementChain.Node;
import io.lockstep.runtime.kernel.ElementChain.Operand;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * Chains step by step on other kernels, over blocks so short that what is between two steps stays
 * in the first-level cache.
 */
public final class SteppedChains implements ElementChains {

  /** Elements of a block. */
  private static final int BLOCK = 512;

  /** Blocks between steps that a chain may need at a time; a step takes one at most. */
  private static final int BLOCKS = 64;

  private static final ThreadLocal<MemorySegment> SCRATCH =
      ThreadLocal.withInitial(
          () -> Arena.ofAuto().allocate((long) BLOCKS * BLOCK * Float.BYTES, 64));

  private final Elementwise elementwise;
  private final Quantize quantize;

  /** Chains of what these kernels can do. */
  public SteppedChains(Elementwise elementwise, Quantize quantize) {
    this.elementwise = elementwise;
    this.quantize = quantize;
  }

  @Override
  public Loop loop(ElementChain chain, List<Operand> operands) {
    if (chain.nodes().size() > BLOCKS) {
      throw new IllegalArgumentException("a chain of " + chain.nodes().size() + " nodes");
    }
    return (rows, columns, x, xOffsets, y, yOffset) -> {
      Run run = new Run(operands, x, xOffsets, columns);
      for (int row = 0; row < rows; row++) {
        for (int column = 0; column < columns; column += BLOCK) {
          int count = Math.min(BLOCK, columns - column);
          long at = yOffset + (long) row * columns + column;
          run.block(chain, row, column, count, y, at);
        }
      }
    };
  }

  /** Floats of a block: a few in memory, or one for all. */
  private record Values(MemorySegment memory, long offset, float number, boolean isNumber) {

    static Values of(MemorySegment memory, long offset) {
      return new Values(memory, offset, 0, false);
    }

    static Values of(float number) {
      return new Values(MemorySegment.NULL, 0, number, true);
    }
  }

  /** One matrix. */
  private final class Run {

    private final MemorySegment scratch = SCRATCH.get();
    private final List<Operand> operands;
    private final MemorySegment[] x;
    private final long[] xOffsets;
    private final int columns;
    private int row;
    private int column;
    private int count;
    private int taken;

    Run(List<Operand> operands, MemorySegment[] x, long[] xOffsets, int columns) {
      this.operands = operands;
      this.x = x;
      this.xOffsets = xOffsets;
      this.columns = columns;
    }

    void block(
        ElementChain chain, int atRow, int atColumn, int length, MemorySegment y, long yOffset) {
      row = atRow;
      column = atColumn;
      count = length;
      taken = 0;
      Values values = inMemory(values(chain.body()));
      ByteScale scale = chain.result();
      if (scale == null) {
        long bytes = (long) count * Float.BYTES;
        MemorySegment.copy(
            values.memory, values.offset * Float.BYTES, y, yOffset * Float.BYTES, bytes);
        return;
      }
      quantize.quantize(
          values.memory,
          values.offset,
          scale.scale(),
          scale.zeroPoint(),
          scale.signed(),
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

    /** Where an input has this block's elements. */
    private long at(int index) {
      return switch (operands.get(index)) {
        case EACH -> xOffsets[index] + (long) row * columns + column;
        case COLUMN -> xOffsets[index] + column;
        case ONE -> xOffsets[index];
      };
    }

    private Values input(int index) {
      return operands.get(index) == Operand.ONE
          ? Values.of(x[index].get(ValueLayout.JAVA_FLOAT_UNALIGNED, at(index) * Float.BYTES))
          : Values.of(x[index], at(index));
    }

    private Values bytes(int index, ByteScale scale) {
      boolean isOne = operands.get(index) == Operand.ONE;
      Values to = free();
      quantize.dequantize(
          x[index],
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
}
