package io.lockstep.runtime.decoder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.runtime.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BlockAllocatorTest {

  private static int[] tokens(int seed, int count) {
    return IntStream.range(0, count).map(i -> seed * 1000 + i).toArray();
  }

  private static void compute(BlockAllocator blocks, BlockTable table, int[] tokens) {
    assertTrue(blocks.grow(table, tokens.length));
    blocks.publish(table, tokens, tokens.length);
  }

  @Test
  void takesNothingWhenBlocksRunOut() {
    BlockAllocator blocks = new BlockAllocator(3);
    BlockTable table = blocks.match(new int[0]);
    assertTrue(blocks.grow(table, 17));
    assertFalse(blocks.grow(table, 49));
    assertEquals(2, table.count());
    assertEquals(1, blocks.available());
  }

  @Test
  void sharesWholeBlocksOfEqualBeginningsOnly() {
    BlockAllocator blocks = new BlockAllocator(8);
    int[] tokens = tokens(1, 40);
    BlockTable first = blocks.match(tokens);
    compute(blocks, first, tokens);
    int[] forked = tokens.clone();
    forked[20] = 7;
    BlockTable second = blocks.match(forked);
    assertEquals(16, second.publishedPositions());
    assertEquals(first.block(0), second.block(0));
  }

  @Test
  void leavesTheLastTokenToBeComputed() {
    BlockAllocator blocks = new BlockAllocator(8);
    int[] tokens = tokens(1, 32);
    compute(blocks, blocks.match(tokens), tokens);
    assertEquals(16, blocks.match(tokens).publishedPositions());
  }

  @Test
  void mergesWhatTwoSequencesComputedAtOnce() {
    BlockAllocator blocks = new BlockAllocator(8);
    int[] tokens = tokens(1, 32);
    BlockTable first = blocks.match(tokens);
    BlockTable second = blocks.match(tokens);
    compute(blocks, first, tokens);
    compute(blocks, second, tokens);
    assertEquals(first.block(1), second.block(1));
    assertEquals(6, blocks.available());
  }

  @Test
  void evictsTheLeastRecentlyUsedPrefix() {
    BlockAllocator blocks = new BlockAllocator(4);
    for (int seed = 1; seed <= 2; seed++) {
      BlockTable table = blocks.match(tokens(seed, 32));
      compute(blocks, table, tokens(seed, 32));
      blocks.release(table);
    }
    blocks.release(blocks.match(tokens(1, 33)));
    BlockTable table = blocks.match(new int[0]);
    assertTrue(blocks.grow(table, 32));
    assertEquals(32, blocks.match(tokens(1, 33)).publishedPositions());
    assertEquals(0, blocks.match(tokens(2, 33)).publishedPositions());
  }

  @Test
  void leaksNothingWhateverHappens() {
    Seeds.forAll(
        100,
        random -> {
          BlockAllocator blocks = new BlockAllocator(20);
          List<BlockTable> held = new ArrayList<>();
          for (int i = 0; i < 200; i++) {
            if (!held.isEmpty() && random.nextBoolean()) {
              blocks.release(held.remove(random.nextInt(held.size())));
            } else {
              int[] tokens = tokens(random.nextInt(3), random.nextInt(1, 90));
              BlockTable table = blocks.match(tokens);
              if (blocks.grow(table, tokens.length)) {
                blocks.publish(table, tokens, random.nextInt(tokens.length + 1));
              }
              held.add(table);
            }
          }
          held.forEach(blocks::release);
          assertEquals(20, blocks.available());
        });
  }
}
