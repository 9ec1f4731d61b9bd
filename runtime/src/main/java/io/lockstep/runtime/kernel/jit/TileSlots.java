package io.lockstep.runtime.kernel.jit;

/** Where a tile kernel finds its arguments. Pointers are addresses, strides are in bytes. */
final class TileSlots {

  static final int A = 0;
  static final int A_STRIDE = 1;
  static final int B = 2;

  /** From one panel to the next. */
  static final int PANEL_STRIDE = 3;

  /** Lanes' worth of the reduction. */
  static final int STEPS = 4;

  static final int C = 5;
  static final int C_STRIDE = 6;

  /** Whether sums start from C rather than from zero. */
  static final int CONTINUES = 7;

  /** Whether the reduction ends here, so that what follows it is due. */
  static final int ENDS = 8;

  /** Whether sums are multiplied by the float in {@link #ALPHA}. */
  static final int SCALES = 9;

  static final int ALPHA = 10;

  /** Float per column, or 0. */
  static final int BIAS = 11;

  /** Floats laid out as C is, or 0. */
  static final int RESIDUAL = 12;

  /** Whether results are clamped to the two floats in {@link #BOUNDS}. */
  static final int CLAMPS = 13;

  static final int BOUNDS = 14;

  /** AVX-512: bits of the last vector's columns; AVX2: the address of such a vector. */
  static final int MASK = 15;

  /** Int32 per row, bytes only: the zero point of A. */
  static final int ROW_ZEROS = 16;

  /** Int32 per column, bytes only: the sum of B less k times its zero point. */
  static final int COLUMN_SUMS = 17;

  /** Int32 per row, bytes only: the sum of A; or 0 when all zero points of B are. */
  static final int ROW_SUMS = 18;

  /** Int32 per column, bytes only: the zero point of B. */
  static final int COLUMN_ZEROS = 19;

  /** Float per row, integers only; 0 to store the integers. */
  static final int ROW_SCALES = 20;

  /** Float per column, integers only. */
  static final int COLUMN_SCALES = 21;

  /** Into how many pieces of {@link #STEPS} the rows of A are cut; at least 1. */
  static final int PIECES = 22;

  /** Bytes between the end of a piece and the start of its line's next. */
  static final int PIECE_SKIP = 23;

  /** Float per column, for integers that are brought to bytes; 0 for what else they become. */
  static final int MULTIPLIERS = 24;

  /** Int32 per column, added before that. */
  static final int OFFSETS = 25;

  /** Int32, added after that; {@link #BOUNDS} hold before. */
  static final int ZERO_POINT = 26;

  /** How many tiles below each other a call computes; what lies by rows is moved on behind each. */
  static final int TILES = 27;

  /** Bytes from the rows of A of a tile to those of the next. */
  static final int A_TILE = 28;

  /** Bytes from the results of a tile to those of the next. */
  static final int C_TILE = 29;

  /** Pieces of a line. */
  static final int LINE_PIECES = 30;

  /** Pieces of the first line. */
  static final int LINE_START = 31;

  /** Bytes from where a line's next piece would start to where the next line does. */
  static final int LINE_SKIP = 32;

  /** The kernel's own: pieces that the line still has. */
  static final int LINE_LEFT = 33;

  /** Where the panels lie that are used next; each tile fetches a share of them and moves it on. */
  static final int FETCH = 34;

  private TileSlots() {}
}
