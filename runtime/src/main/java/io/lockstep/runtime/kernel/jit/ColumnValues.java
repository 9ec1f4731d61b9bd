package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.PerThread;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Elements that belong to the columns of a matrix, repeated so often that a loop over elements has
 * something to do before they start again.
 */
final class ColumnValues {

  /** Elements of short rows that one call covers. */
  private static final int PERIOD = 1024;

  /** How many vectors of columns a loop may have. */
  static final int SLOTS = 4;

  private static final PerThread<MemorySegment> SCRATCH =
      PerThread.withInitial(() -> Arena.ofAuto().allocate((long) SLOTS * PERIOD * Long.BYTES, 64));

  private ColumnValues() {}

  /** How many rows of a matrix one call should cover. */
  static int rowsOfCall(int rows, int columns) {
    return Math.clamp(PERIOD / Math.max(1, columns), 1, Math.max(1, rows));
  }

  /**
   * The words of so many rows, until the thread's next use of the slot.
   *
   * @param words of one row, 32 bits each
   * @param slot below {@link #SLOTS}
   * @return where they are
   */
  static long repeated(MemorySegment words, int columns, int rows, int slot) {
    return repeated(words, (long) columns * Integer.BYTES, rows, slot);
  }

  /**
   * The same for elements of another size.
   *
   * @param bytes of one row
   */
  static long repeated(MemorySegment row, long bytes, int rows, int slot) {
    long address = Addresses.of(row, 0, bytes);
    if (rows == 1) {
      return address;
    }
    MemorySegment scratch = SCRATCH.get();
    long at = (long) slot * PERIOD * Long.BYTES;
    for (int i = 0; i < rows; i++) {
      MemorySegment.copy(row, 0, scratch, at + i * bytes, bytes);
    }
    return scratch.address() + at;
  }
}
