package io.lockstep.runtime.decoder;

import java.util.Arrays;

/** Which blocks of the cache hold a sequence: position p stands in block {@code p / SIZE}. */
public final class BlockTable {

  private int[] blocks = new int[8];
  private int count;

  /** The serial number of the last published block, from which the next one's key goes on. */
  private long prefix = BlockAllocator.NO_PREFIX;

  private int published;

  BlockTable() {}

  /** How many blocks there are. */
  public int count() {
    return count;
  }

  /** The block of this index. */
  public int block(int index) {
    return blocks[index];
  }

  /** Positions that a matching prefix brought along: their tokens need no forward pass. */
  public int publishedPositions() {
    return published * BlockAllocator.SIZE;
  }

  void add(int block) {
    if (count == blocks.length) {
      blocks = Arrays.copyOf(blocks, 2 * count);
    }
    blocks[count++] = block;
  }

  void replace(int index, int block) {
    blocks[index] = block;
  }

  long prefix() {
    return prefix;
  }

  int published() {
    return published;
  }

  void published(long newPrefix) {
    prefix = newPrefix;
    published++;
  }

  void clear() {
    count = 0;
    published = 0;
    prefix = BlockAllocator.NO_PREFIX;
  }
}
