package io.lockstep.runtime.decoder;

import static io.lockstep.runtime.decoder.BlockAllocator.SIZE;

import io.lockstep.runtime.kernel.Attention;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Keys and values of all sequences, in blocks of {@link BlockAllocator#SIZE} positions. */
final class KvCache implements AutoCloseable {

  private final Arena arena = Arena.ofShared();
  private final DecoderConfig config;
  private final MemorySegment keys; // float [layers, blocks, kvHeads, headSize, SIZE]
  private final MemorySegment values; // float [layers, blocks, kvHeads, SIZE, headSize]
  private final int blocks;

  KvCache(DecoderConfig config, int blocks) {
    this.config = config;
    this.blocks = blocks;
    long bytes = bytes(config, blocks) / 2;
    this.keys = arena.allocate(bytes, 64);
    this.values = arena.allocate(bytes, 64);
  }

  /** Bytes that this many blocks take. */
  static long bytes(DecoderConfig config, int blocks) {
    return 2L * blocks * config.layers() * config.kvWidth() * SIZE * Float.BYTES;
  }

  /** Keys and values of one layer, as kernels read them. */
  Attention.Cache layer(int layer) {
    return new Attention.Cache(keys, values, offset(layer, 0, 0));
  }

  /** Where the keys, and the values, of a head in a block start, in elements. */
  private long offset(int layer, int block, int head) {
    return (((long) layer * blocks + block) * config.kvHeads() + head) * SIZE * config.headSize();
  }

  /**
   * Keeps the keys and values of a position.
   *
   * @param key float [kvHeads, headSize] from element {@code from} on
   * @param value likewise
   */
  void put(int layer, int block, int slot, MemorySegment key, MemorySegment value, long from) {
    int size = config.headSize();
    for (int head = 0; head < config.kvHeads(); head++) {
      long at = offset(layer, block, head);
      for (int i = 0; i < size; i++) {
        float k = key.getAtIndex(ValueLayout.JAVA_FLOAT, from + (long) head * size + i);
        keys.setAtIndex(ValueLayout.JAVA_FLOAT, at + (long) i * SIZE + slot, k);
      }
      MemorySegment.copy(
          value,
          (from + (long) head * size) * Float.BYTES,
          values,
          (at + (long) slot * size) * Float.BYTES,
          (long) size * Float.BYTES);
    }
  }

  @Override
  public void close() {
    arena.close();
  }
}
