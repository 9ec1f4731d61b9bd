package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.graph.RunContext;
import io.lockstep.runtime.kernel.RowChains;
import io.lockstep.runtime.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Walks a recurrent layer: for each direction one product projects the inputs of all steps, then a
 * cell runs step by step over the whole batch. Every row is computed by itself, so an item gets the
 * same bits in any batch.
 */
final class RecurrentLayer implements PreparedOperator {

  static final int WEIGHTS = 1;
  static final int RECURRENCE = 2;
  static final int BIAS = 3;
  static final int LENGTHS = 4;
  static final int INITIAL_HIDDEN = 5;
  static final int INITIAL_CELL = 6;

  /** What happens in one step. */
  interface Cell {
    /** Scratch floats that the cell needs beside the shared buffers. */
    long scratchWords();

    /** Scratch bytes that its products need. */
    long productBytes();

    /** How many of the recurrence's biases are added to the projected inputs. */
    int foldedBiases();

    /** Computes the next hidden rows (and cell rows) of the active items, and their output. */
    void step(Step step);
  }

  private final RecurrentShape shape;
  private final RecurrentAttributes attributes;
  private final List<Cell> cells; // one for each direction
  private final List<RecurrentProduct> projections; // one for each direction
  private final List<RecurrentBias> biases; // one for each direction
  private final long projectedAt; // float [steps * batch, gates * hidden]
  private final long gatesAt; // float [batch, gates * hidden]
  private final long biasAt; // float, as RecurrentBias has it
  private final long hiddenAt; // float [batch, hidden]
  private final long cellAt; // float [batch, hidden]
  private final long cellScratchAt;
  private final long productAt;
  private final long productBytes;
  private final long bytes;

  RecurrentLayer(
      OperatorInputs inputs,
      PrepareContext context,
      RecurrentShape shape,
      RecurrentAttributes attributes,
      List<? extends Cell> cells) {
    this.shape = shape;
    this.attributes = attributes;
    this.cells = List.copyOf(cells);
    List<RecurrentProduct> products = new ArrayList<>();
    List<RecurrentBias> sums = new ArrayList<>();
    for (int d = 0; d < shape.directions(); d++) {
      products.add(
          RecurrentProduct.of(inputs, context, WEIGHTS, d * shape.gateSize(), shape.gateSize()));
      sums.add(RecurrentBias.of(inputs, context, shape, d, cells.get(d).foldedBiases()));
    }
    this.projections = List.copyOf(products);
    this.biases = List.copyOf(sums);
    int rows = shape.steps() * shape.batch();
    WorkspaceLayout layout = new WorkspaceLayout();
    projectedAt = layout.addWords((long) rows * shape.gateSize());
    gatesAt = layout.addWords((long) shape.batch() * shape.gateSize());
    biasAt = layout.addWords(RecurrentBias.words(shape));
    hiddenAt = layout.addWords((long) shape.batch() * shape.hidden());
    cellAt = layout.addWords((long) shape.batch() * shape.hidden());
    cellScratchAt = layout.addWords(cells.getFirst().scratchWords());
    productBytes =
        Math.max(cells.getFirst().productBytes(), products.getFirst().workspaceBytes(rows));
    productAt = layout.add(productBytes);
    bytes = layout.bytes();
  }

  @Override
  public long workspaceBytes() {
    return bytes;
  }

  @Override
  public void run(Tensor[] inputs, Tensor[] outputs, RunContext context) {
    if (has(inputs, LENGTHS)) {
      outputs[0].segment().fill((byte) 0);
    }
    for (int d = 0; d < shape.directions(); d++) {
      direction(d, inputs, outputs, context);
    }
  }

  private void direction(int d, Tensor[] inputs, Tensor[] outputs, RunContext context) {
    Step step = new Step(this, d, inputs, outputs[0], context);
    project(d, step);
    load(inputs, INITIAL_HIDDEN, d, step.hidden);
    load(inputs, INITIAL_CELL, d, step.cell);
    for (int index = 0; index < shape.steps(); index++) {
      step.index = index;
      cells.get(d).step(step);
    }
    store(step.hidden, d, outputs[1]);
    if (outputs.length > 2) {
      store(step.cell, d, outputs[2]);
    }
  }

  /** Multiplies the inputs of all steps with the weights. */
  private void project(int d, Step step) {
    projections
        .get(d)
        .multiply(
            shape.steps() * shape.batch(),
            step.inputs[0].segment(),
            step.inputs[WEIGHTS],
            step.bias,
            step.productScratch,
            step.projected,
            0,
            shape.gateSize(),
            step.context.pool());
  }

  /** Copies the initial rows of a direction, or zeros, into [batch, hidden]. */
  private void load(Tensor[] inputs, int input, int d, MemorySegment rows) {
    if (!has(inputs, input)) {
      rows.fill((byte) 0);
      return;
    }
    long rowBytes = (long) shape.hidden() * Float.BYTES;
    for (int item = 0; item < shape.batch(); item++) {
      long from = shape.state(d, item) * Float.BYTES;
      MemorySegment.copy(inputs[input].segment(), from, rows, item * rowBytes, rowBytes);
    }
  }

  private void store(MemorySegment rows, int d, Tensor state) {
    long rowBytes = (long) shape.hidden() * Float.BYTES;
    for (int item = 0; item < shape.batch(); item++) {
      long to = shape.state(d, item) * Float.BYTES;
      MemorySegment.copy(rows, item * rowBytes, state.segment(), to, rowBytes);
    }
  }

  static boolean has(Tensor[] inputs, int index) {
    return index < inputs.length && inputs[index] != null;
  }

  /** The buffers of one direction of one run, and the step that is due. */
  static final class Step {

    /** Elements of gates that are worth another thread. */
    private static final int THREAD_WORK = 1 << 16;

    final RecurrentShape shape;
    final int direction;
    final Tensor[] inputs;
    final RunContext context;
    final MemorySegment projected; // float [steps * batch, gates * hidden]
    final MemorySegment gates; // float [batch, gates * hidden]
    final @Nullable MemorySegment bias; // as RecurrentBias has it
    final MemorySegment hidden; // float [batch, hidden]
    final MemorySegment cell; // float [batch, hidden]
    final MemorySegment scratch;
    final MemorySegment productScratch;
    private final MemorySegment output;
    private final boolean reversed;
    private int index;

    private Step(
        RecurrentLayer layer, int direction, Tensor[] inputs, Tensor output, RunContext context) {
      this.shape = layer.shape;
      this.direction = direction;
      this.inputs = inputs;
      this.output = output.segment();
      this.context = context;
      this.reversed = layer.attributes.reversed().get(direction);
      MemorySegment all = context.workspace();
      int rows = shape.steps() * shape.batch();
      projected = words(all, layer.projectedAt, (long) rows * shape.gateSize());
      gates = words(all, layer.gatesAt, (long) shape.batch() * shape.gateSize());
      MemorySegment sums = words(all, layer.biasAt, RecurrentBias.words(shape));
      bias = layer.biases.get(direction).of(inputs, sums);
      hidden = words(all, layer.hiddenAt, (long) shape.batch() * shape.hidden());
      cell = words(all, layer.cellAt, (long) shape.batch() * shape.hidden());
      scratch = words(all, layer.cellScratchAt, layer.cells.getFirst().scratchWords());
      productScratch = all.asSlice(layer.productAt, layer.productBytes);
    }

    private static MemorySegment words(MemorySegment all, long at, long count) {
      return all.asSlice(at, count * Float.BYTES);
    }

    /** How many steps an item has. */
    private int length(int item) {
      return has(inputs, LENGTHS) ? (int) inputs[LENGTHS].asLong(item) : shape.steps();
    }

    /** Whether the item still has a step to take. */
    private boolean isActive(int item) {
      return index < length(item);
    }

    /** Which of the item's steps is due. */
    private int position(int item) {
      return reversed ? length(item) - 1 - index : index;
    }

    /**
     * Runs a {@link CellChain} over the active items, neighbours at the same position together.
     *
     * @param extra its {@link CellChain#EXTRA}; null for none
     * @param extraAt the first element of it
     * @param extraStride elements between the rows of two items
     */
    void run(RowChains.Loop chain, @Nullable MemorySegment extra, long extraAt, long extraStride) {
      MemorySegment[] arrays = {gates, projected, hidden, cell, output, extra};
      int item = 0;
      while (item < shape.batch()) {
        int first = item++;
        if (isActive(first)) {
          while (item < shape.batch() && isActive(item) && position(item) == position(first)) {
            item++;
          }
          context
              .pool()
              .parallelFor(
                  item - first,
                  Math.max(1, THREAD_WORK / Math.max(1, shape.gateSize())),
                  (from, to) -> rows(chain, arrays, first + from, to - from, extraAt, extraStride));
        }
      }
    }

    /** Items that are all active at one position. */
    private void rows(
        RowChains.Loop chain,
        MemorySegment[] arrays,
        int item,
        int count,
        long extraAt,
        long extraStride) {
      int position = position(item);
      long[] offsets = {
        (long) item * shape.gateSize(),
        (long) shape.row(position, item) * shape.gateSize(),
        (long) item * shape.hidden(),
        (long) item * shape.hidden(),
        shape.output(position, direction, item),
        extraAt + item * extraStride
      };
      long[] strides = {
        shape.gateSize(),
        (long) shape.rowsBetweenItems() * shape.gateSize(),
        shape.hidden(),
        shape.hidden(),
        shape.outputBetweenItems(),
        extraStride
      };
      chain.run(count, arrays, offsets, strides);
    }
  }
}
