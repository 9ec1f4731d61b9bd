package io.lockstep.runtime.kernel;

import java.lang.foreign.MemorySegment;

/** Makes loops of {@link RowChain}s. Each step gives the bits that it gives by itself. */
public interface RowChains {

  /** A loop over rows. */
  interface Loop {

    /**
     * Runs the chain over rows. Offsets and strides count elements.
     *
     * @param arrays of floats; null where the chain has no such array
     * @param offsets for each array where its first row starts
     * @param strides for each array how far apart its rows are; 0 for one row that all share
     */
    void run(int rows, MemorySegment[] arrays, long[] offsets, long[] strides);
  }

  /** A loop for a chain. */
  Loop loop(RowChain chain);
}
