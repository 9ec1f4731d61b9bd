package io.lockstep.runtime.kernel.jit;

/** The parameter slots of products with small integers; addresses unless said. */
final class NBitsSlots {

  /** The first row of a, filled up to whole words. */
  static final int A = 0;

  /** Bytes from one row of a to the next. */
  static final int A_STRIDE = 1;

  /** The first panel. */
  static final int W = 2;

  /** Bytes of a panel. */
  static final int PANEL_BYTES = 3;

  /** Words of a lane in a block. */
  static final int BLOCK_WORDS = 4;

  /** Words of a lane in a panel, without those behind the end of a row. */
  static final int WORDS = 5;

  /** The first result, or where a panel of floats is written. */
  static final int C = 6;

  /** Bytes from one row of results to the next. */
  static final int C_STRIDE = 7;

  /** Int32 that has the bits of an element, then the float of the zero point. */
  static final int CONSTANTS = 8;

  /** Float [16]: what the lowest four bits of a word stand for, see {@link NBitsWidening}. */
  static final int TABLE = 16;

  private NBitsSlots() {}
}
