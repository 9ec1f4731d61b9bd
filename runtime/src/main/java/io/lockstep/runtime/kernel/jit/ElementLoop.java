package io.lockstep.runtime.kernel.jit;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** An expression over arrays of floats as a kernel, with its constants. */
final class ElementLoop {

  /** Elements of one call, which then takes well under 100 microseconds. */
  private static final long CALL = 8192;

  private final Isa isa;
  private final NativeKernel kernel;
  private final MemorySegment constants;

  /** AVX2: ones, then zeros, from which masks are cut. */
  private final MemorySegment masks;

  ElementLoop(Isa isa, Expression expression, int inputs) {
    this.isa = isa;
    LoopGenerator.Loop loop = LoopGenerator.generate(isa, expression, inputs);
    this.kernel = loop.code();
    int bytes = LoopGenerator.constantBytes(isa);
    this.constants =
        Arena.ofAuto().allocate(Math.max(1, (long) loop.constants().size() * bytes), 64);
    for (int i = 0; i < loop.constants().size(); i++) {
      for (int at = 0; at < bytes; at += Integer.BYTES) {
        constants.set(ValueLayout.JAVA_INT, (long) i * bytes + at, loop.constants().get(i));
      }
    }
    this.masks = Arena.ofAuto().allocate(2L * isa.vectorBytes(), isa.vectorBytes());
    for (int i = 0; i < isa.lanes(); i++) {
      masks.setAtIndex(ValueLayout.JAVA_INT, i, -1);
    }
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
    parameters.set(LoopGenerator.CONSTANTS_SLOT, constants.address());
    parameters.set(LoopGenerator.PARAMETERS_SLOT, alpha, beta);
    for (long done = 0; done < count; done += CALL) {
      long part = Math.min(CALL, count - done);
      long bytes = done * Float.BYTES;
      parameters.set(LoopGenerator.COUNT_SLOT, part);
      parameters.set(LoopGenerator.OUTPUT_SLOT, output + bytes);
      for (int i = 0; i < inputs.length; i++) {
        parameters.set(LoopGenerator.INPUTS_SLOT + i, inputs[i] + bytes);
      }
      int rest = (int) (part % isa.lanes());
      long mask =
          isa == Isa.AVX512
              ? (1L << rest) - 1
              : masks.address() + (long) (isa.lanes() - rest) * Integer.BYTES;
      parameters.set(LoopGenerator.MASK_SLOT, mask);
      kernel.call(parameters);
    }
  }
}
