package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.jit.LoopGenerator.Element;
import java.util.Collections;
import java.util.List;

/** An expression over arrays of floats as a kernel, with its constants. */
final class ElementLoop {

  /** Elements of one call, which then takes well under 100 microseconds. */
  private static final long CALL = 8192;

  private final Isa isa;
  private final NativeKernel kernel;
  private final ConstantPool pool;

  private final List<Element> inputs;
  private final Element output;

  /** A loop over floats. */
  ElementLoop(Isa isa, Expression expression, int inputs) {
    this(isa, expression, Collections.nCopies(inputs, Element.WORD), Element.WORD);
  }

  ElementLoop(Isa isa, Expression expression, List<Element> inputs, Element output) {
    this.isa = isa;
    this.inputs = inputs;
    this.output = output;
    LoopGenerator.Loop loop = LoopGenerator.generate(isa, expression, inputs, output);
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
    for (long done = 0; done < count; done += CALL) {
      long part = Math.min(CALL, count - done);
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
