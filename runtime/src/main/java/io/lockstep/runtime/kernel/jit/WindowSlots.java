package io.lockstep.runtime.kernel.jit;

/**
 * Where a window kernel finds its arguments, besides the epilogue's in {@link TileSlots}. Pointers
 * are addresses, steps and strides are in bytes.
 */
final class WindowSlots {

  /** The first tap of the first pixel; moves on. */
  static final int X = 0;

  /** From the windows of one pixel to those of the next. */
  static final int PIXEL_STEP = 1;

  static final int TAP_STEP = 2;

  /** From one row of taps to the next. */
  static final int LINE_STEP = 3;

  /** The weights of the first tap. */
  static final int WEIGHTS = 4;

  /** From one row of weights to the next. */
  static final int WEIGHTS_LINE = 5;

  /** The first pixel of the result; moves on. */
  static final int Y = 6;

  /** 32-bit elements of all channels, the step from tap to tap of the weights. */
  static final int CHANNELS = 7;

  /** Rows of taps; 0 for an empty window. */
  static final int LINES = 8;

  /** Taps of a row. */
  static final int TAPS = 9;

  /** Tiles of pixels, one beside the other. */
  static final int TILES = 10;

  /** Where the last vector of channels starts, from a pixel's first element. */
  static final int LAST_VECTOR = 16;

  /** A float or integer that a result starts from. */
  static final int INITIAL = 17;

  /** The zero point of bytes, an integer, or the divisor of a mean, a float. */
  static final int NUMBER = 18;

  /** The lower 16 bits set. */
  static final int LOW_WORD = 19;

  /** From one tile to the next. */
  static final int X_TILE = 20;

  static final int Y_TILE = 21;

  /** From the result of a pixel to the next one's. */
  static final int Y_PIXEL = 22;

  /** From the results of one row to those of the next. */
  static final int Y_LINE = 23;

  private WindowSlots() {}
}
