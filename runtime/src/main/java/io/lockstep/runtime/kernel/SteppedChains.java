package io.lockstep.runtime.kernel;

import io.lockstep.runtime.kernel.ElementChain.Node;
import io.lockstep.runtime.kernel.ElementChain.Operand;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Set;

/** Chains step by step on other kernels. */
public final class SteppedChains implements ElementChains {

  private final Elementwise elementwise;
  private final Quantize quantize;

  /** Chains of what these kernels can do. */
  public SteppedChains(Elementwise elementwise, Quantize quantize) {
    this.elementwise = elementwise;
    this.quantize = quantize;
  }

  @Override
  public Loop loop(ElementChain chain, List<Operand> operands) {
    if (chain.nodes().size() > ChainSteps.BLOCKS) {
      throw new IllegalArgumentException("a chain of " + chain.nodes().size() + " nodes");
    }
    Set<Node> shared = chain.shared();
    return (rows, columns, x, xOffsets, y, yOffset) -> {
      Matrix matrix = new Matrix(shared, operands, x, xOffsets, columns);
      for (int row = 0; row < rows; row++) {
        for (int column = 0; column < columns; column += ChainSteps.BLOCK) {
          int count = Math.min(ChainSteps.BLOCK, columns - column);
          matrix.row = row;
          matrix.column = column;
          long at = yOffset + (long) row * columns + column;
          matrix.block(chain.body(), chain.result(), count, y, at);
        }
      }
    };
  }

  /** The steps over the elements of a matrix. */
  private final class Matrix extends ChainSteps {

    private final List<Operand> operands;
    private final MemorySegment[] x;
    private final long[] xOffsets;
    private final int columns;
    private int row;
    private int column;

    Matrix(
        Set<Node> shared, List<Operand> operands, MemorySegment[] x, long[] xOffsets, int columns) {
      super(elementwise, quantize, shared);
      this.operands = operands;
      this.x = x;
      this.xOffsets = xOffsets;
      this.columns = columns;
    }

    @Override
    MemorySegment memory(int index) {
      return x[index];
    }

    @Override
    long at(int index) {
      return switch (operands.get(index)) {
        case EACH -> xOffsets[index] + (long) row * columns + column;
        case COLUMN -> xOffsets[index] + column;
        case ONE -> xOffsets[index];
      };
    }

    @Override
    boolean isOne(int index) {
      return operands.get(index) == Operand.ONE;
    }
  }
}
