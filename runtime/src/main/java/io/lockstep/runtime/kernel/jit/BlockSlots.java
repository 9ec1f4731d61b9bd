package io.lockstep.runtime.kernel.jit;

/** The parameter slots of block products and of what stages their rows; addresses unless said. */
final class BlockSlots {

  /** Staged rows of a tile, as {@link BlockRowStage} writes them. */
  static final int A = 0;

  /** The first panel. */
  static final int W = 1;

  /** Bytes of a panel. */
  static final int PANEL_BYTES = 2;

  /** Units in a panel. */
  static final int UNITS = 3;

  /** The first result. */
  static final int C = 4;

  /** Bytes from one row of results to the next. */
  static final int C_STRIDE = 5;

  /** How often to go on to the next panel, or the next panels of a tile. */
  static final int TURNS = 6;

  /** The lanes of the last panel of a tile that are stored, as bits. */
  static final int MASK = 7;

  /** Blocks of activations in a block of weights, where those may be longer. */
  static final int GROUPS = 8;

  /** 32-bit constants that every lane gets, see {@link BlockRowStage} for those of a stage. */
  static final int CONSTANTS = 9;

  private BlockSlots() {}
}
