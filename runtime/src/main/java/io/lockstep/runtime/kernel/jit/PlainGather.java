package io.lockstep.runtime.kernel.jit;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * What {@link GatherKernel} does, word by word, for processors without AVX-512. Matrices are packed
 * once, and the memory of the source takes longer than the loop.
 */
final class PlainGather implements RowGather {

  /** All memory: callers have checked their ranges. */
  @SuppressWarnings("restricted") // emitted code has no bounds either
  static final MemorySegment MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private final int words;
  private final boolean halves;
  private final int shift;

  private PlainGather(int words, boolean halves, int shift) {
    this.words = words;
    this.halves = halves;
    this.shift = shift;
  }

  /** Moves {@code words} neighbouring words of each block, 64 bytes apart in the target. */
  static PlainGather ofWords(int words) {
    return new PlainGather(words, false, 0);
  }

  /** Moves the lower half of one word of each block. */
  static PlainGather ofHalves() {
    return new PlainGather(1, true, 0);
  }

  /** Moves the upper half of one word of each block. */
  static PlainGather ofUpperHalves() {
    return new PlainGather(1, true, Short.SIZE);
  }

  @Override
  public void run(
      long from,
      int rowBytes,
      int rows,
      int blocks,
      long fromStride,
      long to,
      long toStride,
      int flip) {
    for (int lane = 0; lane < BlockPanels.WIDTH; lane++) {
      long source = from + (long) Math.min(lane, rows - 1) * rowBytes;
      if (halves) {
        moveHalves(source, blocks, fromStride, to + (long) lane * Short.BYTES, toStride);
      } else {
        moveWords(source, blocks, fromStride, to + (long) lane * Integer.BYTES, toStride, flip);
      }
    }
  }

  private void moveHalves(long from, int blocks, long fromStride, long to, long toStride) {
    for (int block = 0; block < blocks; block++) {
      int word = MEMORY.get(ValueLayout.JAVA_INT_UNALIGNED, from + block * fromStride);
      MEMORY.set(ValueLayout.JAVA_SHORT_UNALIGNED, to + block * toStride, (short) (word >>> shift));
    }
  }

  private void moveWords(long from, int blocks, long fromStride, long to, long toStride, int flip) {
    for (int block = 0; block < blocks; block++) {
      for (int word = 0; word < words; word++) {
        long source = from + block * fromStride + (long) word * Integer.BYTES;
        long target = to + block * toStride + (long) word * BlockPanels.WORDS_BYTES;
        int value = MEMORY.get(ValueLayout.JAVA_INT_UNALIGNED, source);
        MEMORY.set(ValueLayout.JAVA_INT_UNALIGNED, target, value ^ flip);
      }
    }
  }
}
