package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.NBitsFormat;
import io.lockstep.runtime.kernel.NBitsMatrix;

/**
 * How matrices of small integers stand packed: in {@link BlockPanels#WIDTH} rows of the matrix side
 * by side, of which each lane of a vector holds one. A panel is its blocks in ascending k: float
 * [16] scales; float [16] zero points, where the format has them; then [16] words of 32 bits for as
 * many elements of a row as a word holds. The words of 4-bit elements have elements 0 to 3 in the
 * low nibbles of their bytes and 4 to 7 in the high ones, so that a dot product of bytes takes
 * either. Rows and panels that do not exist are zeros.
 */
record NBitsPanels(NBitsFormat format, int k) {

  /** Panels that the matrix has a multiple of: those of a tile of {@link JitNBitsGemm}. */
  private static final int MULTIPLE = 2;

  /** Bytes of all panels of a matrix of n rows, and of what is read behind them. */
  long bytes(int n) {
    int multiples = (BlockPanels.panels(n) + MULTIPLE - 1) / MULTIPLE;
    return (long) MULTIPLE * multiples * panelBytes() + Integer.BYTES;
  }

  /** Elements of a word. */
  int wordElements() {
    return Integer.SIZE / format.bits();
  }

  /** Words of a block. */
  int blockWords() {
    return format.blockSize() / wordElements();
  }

  /** Words that hold the k elements of a row. */
  int words() {
    return (k + wordElements() - 1) / wordElements();
  }

  /** Bytes of scales and zero points before the words of a block. */
  int headBytes() {
    return (format.hasZeros() ? 2 : 1) * BlockPanels.WORDS_BYTES;
  }

  int blockBytes() {
    return headBytes() + blockWords() * BlockPanels.WORDS_BYTES;
  }

  long panelBytes() {
    return (long) format.blocks(k) * blockBytes();
  }

  /** The lowest bit of an element in its word. */
  static int bit(int bits, int element) {
    return bits == 4 ? element % 4 * Byte.SIZE + element / 4 * bits : element * bits;
  }

  /** A word with its elements in ascending order brought to that of a panel. */
  int ordered(int word) {
    return format.bits() == 4
        ? Integer.expand(word, 0x0f0f0f0f) | Integer.expand(word >>> Short.SIZE, 0xf0f0f0f0)
        : word;
  }

  /** A packed matrix as products that round activations read it. */
  JitBlockGemm.Panels asBlocks(NBitsMatrix w) {
    BlockPanels kind =
        format.bits() == 4
            ? format.hasZeros() ? BlockPanels.N4_ZEROS : BlockPanels.N4
            : format.hasZeros() ? BlockPanels.N8_ZEROS : BlockPanels.N8;
    int groups = format.blockSize() / BlockPanels.BLOCK;
    return new JitBlockGemm.Panels(
        kind, w.n(), k, w.codes(), panelBytes(), format.blocks(k), groups);
  }
}
