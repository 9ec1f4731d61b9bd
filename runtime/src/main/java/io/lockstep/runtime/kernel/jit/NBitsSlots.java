package io.lockstep.runtime.kernel.jit;

/** The parameter slots of products with small integers; addresses unless said. */
final class NBitsSlots {

  /** The first row of a, filled up to whole words. */
  static final int A = 0;

  /** Bytes from one row of a to the next. */
  static final int A_STRIDE = 1;

  /** The block of the first panel that the call starts with. */
  static final int W = 2;

  /** Bytes of a panel. */
  static final int PANEL_BYTES = 3;

  /** Words of a lane in a block. */
  static final int BLOCK_WORDS = 4;

  /** Words of a lane that the call takes. */
  static final int WORDS = 5;

  /** The first result. */
  static final int C = 6;

  /** Bytes from one row of results to the next. */
  static final int C_STRIDE = 7;

  /** Whether sums start from the results rather than from zero. */
  static final int CONTINUES = 8;

  /** Float [steps, columns of the panels]: the integers less their zero points. */
  static final int FLOATS = 9;

  /** Int32 that has the bits of an element, then the float of the zero point. */
  static final int CONSTANTS = 10;

  /** Float [16]: what the lowest four bits of a word stand for, see {@link NBitsWidening}. */
  static final int TABLE = 16;

  private NBitsSlots() {}
}
