package io.lockstep.runtime.kernel;

import io.lockstep.runtime.kernel.ElementChain.Operand;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Makes loops of {@link ElementChain}s. Each step gives the bits that it gives by itself. */
public interface ElementChains {

  /** A loop over the elements of a matrix. Offsets count elements. */
  interface Loop {

    /**
     * y = chain(x).
     *
     * @param x for each input elements of its type, as its {@link Operand} says: [rows, columns],
     *     [columns] or one
     * @param y {@link ElementChain#resultType} [rows, columns]; may be the very memory of an input
     *     with as many elements of the same size
     */
    void run(
        int rows, int columns, MemorySegment[] x, long[] xOffsets, MemorySegment y, long yOffset);
  }

  /**
   * A loop for a chain.
   *
   * @param operands what each input has
   */
  Loop loop(ElementChain chain, List<Operand> operands);
}
