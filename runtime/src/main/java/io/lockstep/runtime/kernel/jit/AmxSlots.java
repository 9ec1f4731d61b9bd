package io.lockstep.runtime.kernel.jit;

/**
 * Where a kernel of {@link AmxGenerator} finds what {@link TileSlots} do not have. Pointers are
 * addresses, distances are in bytes.
 */
final class AmxSlots {

  /** From one row of sums to the next: those of a panel. */
  static final int SUMS_STRIDE = 128;

  /** Where a finishing kernel finds int32 sums; it moves on behind its rows. */
  static final int SUMS = 64;

  /** Shapes of the tiles, 64 bytes. */
  static final int CONFIGURATION = 65;

  /** Steps of {@link AmxGenerator#TILE_DEPTH} elements of the reduction. */
  static final int STEPS = 66;

  /** Panels to compute, beside each other. */
  static final int PANELS = 67;

  /** Room for the sums of a panel. */
  static final int ROOM = 68;

  /**
   * From the first row of A to where the second tile of rows starts, which may overlap the first.
   */
  static final int OTHERS = 69;

  /** The same for sums. */
  static final int OTHER_SUMS = 70;

  /**
   * What finishes the sums: three slots, the address of a finishing kernel, its {@link
   * TileSlots#TILES} and its {@link TileSlots#C_TILE}.
   */
  static final int FINISH = 71;

  /** The same for the last rows, with an address of 0 for none. */
  static final int FINISH_LAST = 74;

  /** Bytes of all results that a product writes, of which a kernel computes some. */
  static final int RESULT_BYTES = 77;

  /** Whether the rows are a product's first, which find the weights outside the caches. */
  static final int IS_FIRST = 78;

  /** The kernel's own: where slots that move along rows started. */
  static final int SAVED = 79;

  private AmxSlots() {}
}
