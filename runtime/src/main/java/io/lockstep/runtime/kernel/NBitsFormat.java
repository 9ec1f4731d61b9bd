package io.lockstep.runtime.kernel;

/**
 * How a matrix of small integers is quantised.
 *
 * @param bits of an element: 2, 4 or 8
 * @param blockSize elements of a row that share a scale, a multiple of 16
 * @param hasZeros whether blocks have zero points of their own; else it is half the range
 * @param mayRound whether a kernel may round each 32 activations to integers of magnitude up to
 *     127, times a scale
 */
public record NBitsFormat(int bits, int blockSize, boolean hasZeros, boolean mayRound) {

  /** Blocks of a row, of which the last may be longer than what is left. */
  public int blocks(int k) {
    return (k + blockSize - 1) / blockSize;
  }

  /** Bytes of a block's elements. */
  public int blockBytes() {
    return blockSize * bits / Byte.SIZE;
  }

  /** The zero point of blocks that have none of their own. */
  public int zero() {
    return 1 << (bits - 1);
  }
}
