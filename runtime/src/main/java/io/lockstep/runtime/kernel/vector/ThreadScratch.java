package io.lockstep.runtime.kernel.vector;

import io.lockstep.runtime.kernel.PerThread;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A little memory of each thread. Nobody keeps anything there from one call to the next. Its start
 * is for what is left over at the end of a loop of whole vectors; two blocks follow for functions
 * that run in several loops.
 */
final class ThreadScratch {

  /** Floats in a block. */
  static final int BLOCK = 512;

  /** Where the first block starts, in bytes; the largest tile of {@link GemmTiles} fits before. */
  static final long BLOCK_AT = 24 * Lanes.BYTES;

  /** Where the second block starts, in bytes. */
  static final long BLOCK2_AT = BLOCK_AT + (long) BLOCK * Float.BYTES;

  private static final long BYTES = BLOCK2_AT + (long) BLOCK * Float.BYTES;

  private static final PerThread<MemorySegment> SEGMENT =
      PerThread.withInitial(() -> Arena.ofAuto().allocate(BYTES, 64));

  private ThreadScratch() {}

  static MemorySegment get() {
    return SEGMENT.get();
  }
}
