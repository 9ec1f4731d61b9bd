package io.lockstep.runtime.kernel.jit;

/** What becomes of the elements of a window, channel by channel. */
enum WindowFold {
  /** The sum of floats times weights, then what an epilogue adds. */
  PRODUCTS(4),

  /** The sum of unsigned bytes, less a zero point, times 16-bit weights held in 32 bits. */
  UNSIGNED_PRODUCTS(1),

  /** The same of signed bytes. */
  SIGNED_PRODUCTS(1),

  /** The sum of {@link #UNSIGNED_PRODUCTS}, with a bias, brought to the scale of a byte (VNNI). */
  UNSIGNED_REQUANTIZED(1),

  /** The same of {@link #SIGNED_PRODUCTS}. */
  SIGNED_REQUANTIZED(1),

  /** The largest float; a NaN if there is one. */
  MAXIMUM(4),

  /** The sum of floats, divided by a number. */
  MEAN(4);

  private final int elementBytes;

  WindowFold(int elementBytes) {
    this.elementBytes = elementBytes;
  }

  /** Bytes of an element of the window; those of weights are 32 bits wide. */
  int elementBytes() {
    return elementBytes;
  }

  int resultBytes() {
    return isRequantized() ? 1 : Integer.BYTES;
  }

  boolean isRequantized() {
    return this == UNSIGNED_REQUANTIZED || this == SIGNED_REQUANTIZED;
  }

  boolean hasWeights() {
    return this == PRODUCTS || isOfBytes();
  }

  boolean isOfBytes() {
    return elementBytes == 1;
  }
}
