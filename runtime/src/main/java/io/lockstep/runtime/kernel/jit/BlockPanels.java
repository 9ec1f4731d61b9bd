package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.quant.BlockFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How block-quantised matrices stand packed: in panels of sixteen rows of the matrix, one behind
 * the other, of which each lane of a vector holds one. A panel is its units of blocks in ascending
 * k; the last panel is filled up with zeros.
 *
 * <p>A dot product of bytes takes four elements of a row at a time, so they stand in 32 bits.
 */
enum BlockPanels {
  /** Unit: half [16] scales, then 8 times byte [16, 4], each element plus 128. */
  Q8_0(BlockFormat.Q8_0, 128),

  /**
   * Unit: half [16] scales, then 4 times [16, 4] bytes of two elements: elements 4i to 4i + 3 in
   * the low nibbles and 16 + 4i to 19 + 4i in the high ones.
   */
  Q4_0(BlockFormat.Q4_0, 8),

  /**
   * Unit: half [16] scales d, half [16] shifts m, then for each of four pairs of groups byte [16]
   * scales of both, byte [16] shifts of both, 8 times [16, 4] bytes of an element of the first
   * group and one of the second.
   */
  Q4_K(BlockFormat.Q4_K, 0),

  /**
   * Unit: half [16] scales, then for both parts of 128 elements byte [8, 16] scales of groups, 16
   * times [16, 4] bytes of low nibbles and 8 times [16, 4] bytes of high bits, in the file's order.
   */
  Q6_K(BlockFormat.Q6_K, 32),

  /** {@link NBitsPanels} of 4 bits, whose blocks are whole times {@link #BLOCK}. */
  N4(null, 8),

  /** The same with zero points. */
  N4_ZEROS(null, 1),

  /** {@link NBitsPanels} of 8 bits. */
  N8(null, 128),

  /** The same with zero points. */
  N8_ZEROS(null, 1);

  /** Rows of the matrix in a panel. */
  static final int WIDTH = 16;

  /** Elements that share a scale of the activations. */
  static final int BLOCK = 32;

  static final int HALVES_BYTES = WIDTH * Short.BYTES;
  static final int WORDS_BYTES = WIDTH * Integer.BYTES;

  /** Bytes of a pair of groups of Q4_K. */
  static final int PAIR_BYTES = 4 * WIDTH + 8 * WORDS_BYTES;

  /** Bytes of a part of Q6_K: its scales, low nibbles and high bits. */
  static final int PART_SCALES = 8 * WIDTH;

  static final int PART_LOW = 16 * WORDS_BYTES;
  static final int PART_BYTES = PART_SCALES + PART_LOW + 8 * WORDS_BYTES;

  /** The files' format; none for what ONNX models bring. */
  private final @Nullable BlockFormat format;

  private final int zero;

  BlockPanels(@Nullable BlockFormat format, int zero) {
    this.format = format;
    this.zero = zero;
  }

  static Optional<BlockPanels> of(BlockFormat format) {
    for (BlockPanels panels : values()) {
      if (panels.format == format) {
        return Optional.of(panels);
      }
    }
    return Optional.empty();
  }

  /**
   * What the unsigned elements stand above their values; 1 where zero points of the panels multiply
   * it.
   */
  int zero() {
    return zero;
  }

  /** Whether panels have a zero point for each block. */
  boolean hasZeros() {
    return this == N4_ZEROS || this == N8_ZEROS;
  }

  /** Whether elements are bytes, and not packed in nibbles. */
  boolean hasBytes() {
    return this == Q8_0 || this == N8 || this == N8_ZEROS;
  }

  /** Whether elements have shifts of their own, by which the sum of activations counts. */
  boolean hasShifts() {
    return this == Q4_K;
  }

  /** Sums of a block of activations that count: one, or one of each half. */
  int sums() {
    return this == Q6_K ? 2 : 1;
  }

  /** Bytes of a staged block of one row: its elements, scale and sums. */
  int stagedBytes() {
    return BLOCK + Float.BYTES + sums() * Integer.BYTES;
  }

  /** Bytes of a unit; of panels of {@link NBitsPanels} those of {@link #BLOCK} elements. */
  int unitBytes() {
    return switch (this) {
      case Q8_0 -> HALVES_BYTES + 8 * WORDS_BYTES;
      case Q4_0 -> HALVES_BYTES + 4 * WORDS_BYTES;
      case Q4_K -> 2 * HALVES_BYTES + 4 * PAIR_BYTES;
      case Q6_K -> HALVES_BYTES + 2 * PART_BYTES;
      case N4, N4_ZEROS -> 4 * WORDS_BYTES;
      case N8, N8_ZEROS -> 8 * WORDS_BYTES;
    };
  }

  static int panels(int n) {
    return (n + WIDTH - 1) / WIDTH;
  }
}
