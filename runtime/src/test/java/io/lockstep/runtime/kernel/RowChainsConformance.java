package io.lockstep.runtime.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.lockstep.runtime.Seeds;
import io.lockstep.runtime.kernel.ElementChain.Node;
import io.lockstep.runtime.kernel.RowChain.Place;
import io.lockstep.runtime.kernel.RowChain.Result;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Chains over rows, shaped like the cells of recurrent layers. */
interface RowChainsConformance extends ConformanceCase {

  @Test
  default void aRowChainGivesTheBitsOfItsSteps() {
    Seeds.forAll(
        100,
        random -> {
          Cell cell = new Cell(random, random.nextInt(0, 6), columns(random));
          Output[] expected = cell.state();
          Output[] actual = cell.state();
          RowChains stepped = new SteppedRowChains(kernels().elementwise(), kernels().quantize());

          cell.run(stepped.loop(cell.chain()), expected, 0, cell.rows);
          cell.run(kernels().rowChains().loop(cell.chain()), actual, 0, cell.rows);

          for (int i = 0; i < actual.length; i++) {
            assertArrayEquals(expected[i].bits(), actual[i].bits(), "array " + i);
            actual[i].assertNothingElseWritten();
          }
        });
  }

  @Test
  default void aRowOfAChainGetsTheSameBitsAlone() {
    Seeds.forAll(
        30,
        random -> {
          Cell cell = new Cell(random, random.nextInt(1, 9), columns(random));
          RowChains.Loop loop = kernels().rowChains().loop(cell.chain());
          Output[] together = cell.state();
          cell.run(loop, together, 0, cell.rows);
          Output[] apart = cell.state();
          for (int row = cell.rows - 1; row >= 0; row--) {
            cell.run(loop, apart, row, 1);
          }
          for (int i = 0; i < apart.length; i++) {
            assertArrayEquals(together[i].bits(), apart[i].bits(), "array " + i);
          }
        });
  }

  @Test
  default void aCellIsCloseToItsFormula() {
    float[] extremes = {
      0,
      -0f,
      1e-30f,
      -40,
      40,
      1e30f,
      -1e30f,
      Float.POSITIVE_INFINITY,
      Float.NEGATIVE_INFINITY,
      Float.NaN,
      Float.MIN_VALUE
    };
    Seeds.forAll(
        30,
        random -> {
          Cell cell = new Cell(random, 3, columns(random));
          for (int i = 0; i < cell.gates.length; i += 3) {
            cell.gates[i] = extremes[random.nextInt(extremes.length)];
          }
          Output[] state = cell.state();
          cell.run(kernels().rowChains().loop(cell.chain()), state, 0, cell.rows);
          for (int row = 0; row < cell.rows; row++) {
            for (int column = 0; column < cell.columns; column++) {
              double next = cell.expectedCell(row, column);
              double size = Math.max(1, Math.abs(next));
              ConformanceCase.assertNear(next, state[0].getFloat(row, column), 1e-6 * size, "cell");
              double seen = state[0].getFloat(row, column);
              double hidden = sigmoid(cell.gate(row, 1, column)) * Math.tanh(seen);
              ConformanceCase.assertNear(hidden, state[1].getFloat(row, column), 1e-6, "hidden");
            }
          }
        });
  }

  private static int columns(Random random) {
    return switch (random.nextInt(5)) {
      case 0 -> 1;
      case 1 -> random.nextInt(500, 1100);
      default -> random.nextInt(1, 70);
    };
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  /** An LSTM's step without a product: gates i, o, f, c with a peephole on f. */
  final class Cell {

    private static final int GATES = 0;
    private static final int CELL = 1;
    private static final int HIDDEN = 2;
    private static final int PEEPHOLE = 3;

    final int rows;
    final int columns;
    final float[] gates; // [rows, 4 columns], after 2 floats
    private final float[] cells;
    private final float[] peephole;
    private final int stride;

    Cell(Random random, int rows, int columns) {
      this.rows = rows;
      this.columns = columns;
      this.stride = columns + random.nextInt(4);
      this.gates = Input.gaussians(random, 2 + rows * 4 * columns);
      this.cells = Input.gaussians(random, rows * columns);
      this.peephole = Input.gaussians(random, columns);
    }

    RowChain chain() {
      List<Place> inputs = new ArrayList<>();
      for (int gate = 0; gate < 4; gate++) {
        inputs.add(new Place(GATES, gate * columns));
      }
      inputs.add(new Place(CELL, 0));
      inputs.add(new Place(PEEPHOLE, 0));
      Node cell = new ElementChain.Input(4);
      Node seen = new ElementChain.Binary(BinaryFunction.MUL, new ElementChain.Input(5), cell);
      Node forget =
          unary(
              UnaryFunction.SIGMOID,
              new ElementChain.Binary(BinaryFunction.ADD, new ElementChain.Input(2), seen));
      Node taken =
          new ElementChain.Binary(
              BinaryFunction.MUL,
              unary(UnaryFunction.SIGMOID, new ElementChain.Input(0)),
              unary(UnaryFunction.TANH, new ElementChain.Input(3)));
      Node hidden =
          new ElementChain.Binary(
              BinaryFunction.MUL,
              unary(UnaryFunction.SIGMOID, new ElementChain.Input(1)),
              unary(UnaryFunction.TANH, cell));
      return new RowChain(
          columns,
          inputs,
          List.of(
              new Result(
                  new ElementChain.MultiplyAdd(forget, cell, taken), List.of(new Place(CELL, 0))),
              new Result(hidden, List.of(new Place(HIDDEN, 0), new Place(HIDDEN, columns)))));
    }

    private static Node unary(UnaryFunction function, Node x) {
      return new ElementChain.Unary(Activation.of(function), x);
    }

    /** The cell rows, and two copies of the hidden rows beside each other. */
    Output[] state() {
      Output cell = Output.ofWords(rows, columns, stride);
      for (int i = 0; i < cells.length; i++) {
        long at = cell.offset() + (long) (i / columns) * stride + i % columns;
        cell.segment().set(ValueLayout.JAVA_FLOAT_UNALIGNED, at * Float.BYTES, cells[i]);
      }
      return new Output[] {cell, Output.ofWords(rows, 2 * columns, 2 * columns + 1)};
    }

    void run(RowChains.Loop loop, Output[] state, int firstRow, int count) {
      MemorySegment[] arrays = {
        Input.bare(gates),
        state[0].segment(),
        state[1].segment(),
        Input.bare(peephole),
        MemorySegment.NULL,
        MemorySegment.NULL
      };
      long[] offsets = {
        2 + 4L * firstRow * columns,
        state[0].offset() + (long) firstRow * stride,
        state[1].offset() + (long) firstRow * state[1].stride(),
        0,
        0,
        0
      };
      long[] strides = {4L * columns, stride, state[1].stride(), 0, 0, 0};
      loop.run(count, arrays, offsets, strides);
    }

    double gate(int row, int gate, int column) {
      return gates[2 + (row * 4 + gate) * columns + column];
    }

    double expectedCell(int row, int column) {
      float cell = cells[row * columns + column];
      double forget = sigmoid(gate(row, 2, column) + (double) peephole[column] * cell);
      return forget * cell + sigmoid(gate(row, 0, column)) * Math.tanh(gate(row, 3, column));
    }

    @Override
    public String toString() {
      return rows + " rows of " + columns + ": " + Arrays.toString(gates);
    }
  }
}
