package io.lockstep.runtime.kernel.jit;

/** An expression over arrays of floats as a kernel, with its constants. */
final class ElementLoop {

  /** Elements of one call, which then takes well under 100 microseconds. */
  private static final long CALL = 8192;

  private final Isa isa;
  private final NativeKernel kernel;
  private final ConstantPool pool;

  ElementLoop(Isa isa, Expression expression, int inputs) {
    this.isa = isa;
    LoopGenerator.Loop loop = LoopGenerator.generate(isa, expression, inputs);
    this.kernel = loop.code();
    this.pool = new ConstantPool(isa, loop.constants());
  }

  /**
   * Runs the loop.
   *
   * @param alpha parameter 0
   * @param beta parameter 1
   * @param inputs addresses of float [count]
   * @param output address of float [count]
   */
  void run(float alpha, float beta, long count, long output, long... inputs) {
    Parameters parameters = Parameters.ofThread();
    parameters.set(LoopGenerator.CONSTANTS_SLOT, pool.address());
    parameters.set(LoopGenerator.PARAMETERS_SLOT, alpha, beta);
    for (long done = 0; done < count; done += CALL) {
      long part = Math.min(CALL, count - done);
      long bytes = done * Float.BYTES;
      parameters.set(LoopGenerator.COUNT_SLOT, part);
      parameters.set(LoopGenerator.OUTPUT_SLOT, output + bytes);
      for (int i = 0; i < inputs.length; i++) {
        parameters.set(LoopGenerator.INPUTS_SLOT + i, inputs[i] + bytes);
      }
      parameters.set(LoopGenerator.MASK_SLOT, pool.mask((int) (part % isa.lanes())));
      kernel.call(parameters);
    }
  }
}
