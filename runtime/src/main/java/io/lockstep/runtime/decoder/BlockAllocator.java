package io.lockstep.runtime.decoder;

import io.lockstep.runtime.kernel.Attention;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Who holds which block of a cache; pure bookkeeping, owned by one thread. Full blocks whose tokens
 * have been computed can be published; later sequences that begin with the same tokens share them.
 * A published block that nobody holds stays until its memory is needed, the least recently used one
 * going first.
 */
public final class BlockAllocator {

  /** Positions in a block. */
  public static final int SIZE = Attention.BLOCK;

  static final long NO_PREFIX = -1;

  private final int capacity;
  private final ArrayDeque<Integer> free = new ArrayDeque<>();
  private final int[] references; // [capacity]

  /** What a block holds when it is published, else null. */
  private final @Nullable Entry[] entries; // [capacity]

  private final Map<Key, Entry> published = new HashMap<>();

  /** Published blocks that nobody holds, the least recently used first. */
  private final LinkedHashMap<Integer, Entry> idle = new LinkedHashMap<>();

  private long nextSerial;

  /** The tokens of a full block, and the block before it: equal keys mean equal prefixes. */
  private record Key(long prefix, List<Integer> tokens) {}

  private record Entry(Key key, long serial, int block) {}

  public BlockAllocator(int capacity) {
    this.capacity = capacity;
    this.references = new int[capacity];
    this.entries = new Entry[capacity];
    for (int block = 0; block < capacity; block++) {
      free.add(block);
    }
  }

  /** All blocks of the cache. */
  public int capacity() {
    return capacity;
  }

  /** Blocks that a sequence could get now. */
  public int available() {
    return free.size() + idle.size();
  }

  /** Blocks for this many positions. */
  public static int blocksFor(int positions) {
    return (positions + SIZE - 1) / SIZE;
  }

  /**
   * A table that shares what is published of the beginning of {@code tokens}; at least the last
   * token is left out, because somebody wants its logits.
   */
  public BlockTable match(int[] tokens) {
    BlockTable table = new BlockTable();
    for (int from = 0; from + SIZE < tokens.length; from += SIZE) {
      Entry entry = published.get(key(table.prefix(), tokens, from));
      if (entry == null) {
        break;
      }
      retain(entry.block());
      table.add(entry.block());
      table.published(entry.serial());
    }
    return table;
  }

  /** Makes room for this many positions; takes nothing and returns false when blocks run out. */
  public boolean grow(BlockTable table, int positions) {
    int missing = blocksFor(positions) - table.count();
    if (missing > available()) {
      return false;
    }
    for (int i = 0; i < missing; i++) {
      table.add(take());
    }
    return true;
  }

  /**
   * Publishes the full blocks of a sequence.
   *
   * @param tokens the sequence from its first token on
   * @param computed how many of its positions the cache holds
   */
  public void publish(BlockTable table, int[] tokens, int computed) {
    while ((table.published() + 1) * SIZE <= computed) {
      int index = table.published();
      Key key = key(table.prefix(), tokens, index * SIZE);
      Entry entry = published.get(key);
      if (entry == null) {
        entry = new Entry(key, nextSerial++, table.block(index));
        published.put(key, entry);
        entries[entry.block()] = entry;
      } else if (entry.block() != table.block(index)) {
        // Another sequence computed the same tokens at the same time: both go on with its block.
        retain(entry.block());
        release(table.block(index));
        table.replace(index, entry.block());
      }
      table.published(entry.serial());
    }
  }

  /** Gives back all blocks of a table. */
  public void release(BlockTable table) {
    // Ends of prefixes first, so that they are evicted before what they continue.
    for (int i = table.count() - 1; i >= 0; i--) {
      release(table.block(i));
    }
    table.clear();
  }

  private void retain(int block) {
    if (references[block]++ == 0) {
      idle.remove(block);
    }
  }

  private void release(int block) {
    assert references[block] > 0 : "block " + block + " is released twice";
    if (--references[block] > 0) {
      return;
    }
    Entry entry = entries[block];
    if (entry == null) {
      free.add(block);
    } else {
      idle.put(block, entry);
    }
  }

  private int take() {
    Integer block = free.poll();
    if (block == null) {
      Entry evicted = idle.pollFirstEntry().getValue();
      published.remove(evicted.key());
      entries[evicted.block()] = null;
      block = evicted.block();
    }
    references[block] = 1;
    return block;
  }

  private static Key key(long prefix, int[] tokens, int from) {
    return new Key(
        prefix, IntStream.of(Arrays.copyOfRange(tokens, from, from + SIZE)).boxed().toList());
  }
}
