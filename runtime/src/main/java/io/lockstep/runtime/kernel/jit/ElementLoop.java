package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.PerThread;
import io.lockstep.runtime.kernel.jit.LoopGenerator.Element;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Collections;
import java.util.List;

/** An expression over arrays as a kernel, with its constants. */
final class ElementLoop {

  /** Elements of one call, which then takes well under 100 microseconds. */
  private static final long CALL = 8192;

  /** All memory, by address. */
  @SuppressWarnings("restricted") // emitted code has no bounds either
  private static final MemorySegment MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  /** Bytes of a vector of the largest elements. */
  private static final int VECTOR = 2 * Isa.AVX512.vectorBytes();

  /** One vector of each array, the output first. */
  private static final PerThread<MemorySegment> REST =
      PerThread.withInitial(
          () -> Arena.ofAuto().allocate((1 + LoopGenerator.MOST_INPUTS) * (long) VECTOR, 64));

  private final Isa isa;
  private final NativeKernel kernel;
  private final ConstantPool pool;

  private final List<Element> inputs;
  private final Element output;
  private final boolean hasRest;

  /** A loop over floats. */
  ElementLoop(Isa isa, Expression expression, int inputs) {
    this(isa, expression, Collections.nCopies(inputs, Element.WORD), Element.WORD);
  }

  ElementLoop(Isa isa, Expression expression, List<Element> inputs, Element output) {
    this(isa, List.of(expression), inputs, output);
  }

  /** A loop whose results are those of {@link LoopGenerator#generate}. */
  ElementLoop(Isa isa, List<Expression> results, List<Element> inputs, Element output) {
    this.isa = isa;
    this.inputs = inputs;
    this.output = output;
    this.hasRest = LoopGenerator.hasRest(isa, inputs, output);
    LoopGenerator.Loop loop = LoopGenerator.generate(isa, results, inputs, output);
    this.kernel = loop.code();
    this.pool = new ConstantPool(isa, loop.constants());
  }

  /**
   * Runs the loop.
   *
   * @param alpha parameter 0
   * @param beta parameter 1
   * @param to address of [count]
   * @param from addresses of [count]
   */
  void run(float alpha, float beta, long count, long to, long... from) {
    Parameters parameters = Parameters.ofThread();
    parameters.set(LoopGenerator.PARAMETERS_SLOT, alpha, beta);
    run(parameters, count, to, from);
  }

  /**
   * Runs the loop with the thread's block, in which the parameters are set.
   *
   * @param to address of [count]
   * @param from addresses of [count]
   */
  void run(Parameters parameters, long count, long to, long... from) {
    parameters.set(LoopGenerator.CONSTANTS_SLOT, pool.address());
    long rest = hasRest ? 0 : count % isa.lanes();
    long direct = count - rest;
    for (long done = 0; done < direct; done += CALL) {
      long part = Math.min(CALL, direct - done);
      parameters.set(LoopGenerator.COUNT_SLOT, part);
      parameters.set(LoopGenerator.OUTPUT_SLOT, to + done * output.bytes());
      for (int i = 0; i < from.length; i++) {
        long at = from[i] + done * inputs.get(i).bytes();
        parameters.set(LoopGenerator.INPUTS_SLOT + i, at);
      }
      parameters.set(LoopGenerator.MASK_SLOT, pool.mask((int) (part % isa.lanes())));
      parameters.set(LoopGenerator.ROWS_SLOT, 1);
      kernel.call(parameters);
    }
    if (rest > 0) {
      runRest(parameters, direct, rest, to, from);
    }
  }

  /** The elements that fill no vector, in copies that do. */
  private void runRest(Parameters parameters, long done, long rest, long to, long[] from) {
    MemorySegment copies = REST.get();
    for (int i = 0; i < from.length; i++) {
      int bytes = inputs.get(i).bytes();
      long at = (i + 1L) * VECTOR;
      MemorySegment.copy(MEMORY, from[i] + done * bytes, copies, at, rest * bytes);
      parameters.set(LoopGenerator.INPUTS_SLOT + i, copies.address() + at);
    }
    parameters.set(LoopGenerator.COUNT_SLOT, isa.lanes());
    parameters.set(LoopGenerator.OUTPUT_SLOT, copies.address());
    parameters.set(LoopGenerator.ROWS_SLOT, 1);
    kernel.call(parameters);
    MemorySegment.copy(copies, 0, MEMORY, to + done * output.bytes(), rest * output.bytes());
  }

  /**
   * Runs a loop with one input over rows in place.
   *
   * @param alpha parameter 0
   * @param beta parameter 1
   * @param at address of the first row
   * @param strideBytes from one row to the next
   */
  void runRows(float alpha, float beta, int rows, int columns, long at, long strideBytes) {
    Parameters parameters = Parameters.ofThread();
    parameters.set(LoopGenerator.PARAMETERS_SLOT, alpha, beta);
    parameters.set(LoopGenerator.CONSTANTS_SLOT, pool.address());
    parameters.set(LoopGenerator.COUNT_SLOT, columns);
    parameters.set(LoopGenerator.MASK_SLOT, pool.mask(columns % isa.lanes()));
    parameters.set(LoopGenerator.OUTPUT_STRIDE_SLOT, strideBytes);
    parameters.set(LoopGenerator.INPUT_STRIDES_SLOT, strideBytes);
    int mostRows = (int) Math.max(1, CALL / Math.max(1, columns));
    for (int row = 0; row < rows; row += mostRows) {
      parameters.set(LoopGenerator.OUTPUT_SLOT, at + row * strideBytes);
      parameters.set(LoopGenerator.INPUTS_SLOT, at + row * strideBytes);
      parameters.set(LoopGenerator.ROWS_SLOT, Math.min(mostRows, rows - row));
      kernel.call(parameters);
    }
  }
}
