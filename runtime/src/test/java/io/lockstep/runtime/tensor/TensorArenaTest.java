package io.lockstep.runtime.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.runtime.Seeds;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is promised of segments: zeroed, aligned, apart from each other, gone when closed. */
final class TensorArenaTest {

  /** Below and above each limit between kinds of memory. */
  private static final int[] SIZES = {
    0, 1, 63, 4096, (1 << 16) - 1, 1 << 16, 100_001, 3 << 20, (4 << 20) + 5, 65 << 20
  };

  @Test
  void segmentsAreZeroedAlignedAndApart() {
    Seeds.forAll(
        5,
        random -> {
          try (TensorArena plain = new TensorArena();
              TensorArena weights = TensorArena.ofWeights()) {
            long bytes = 0;
            List<MemorySegment> all = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
              int size = SIZES[random.nextInt(SIZES.length)];
              bytes += size;
              for (TensorArena arena : List.of(plain, weights)) {
                MemorySegment segment = arena.allocateBytes(size);
                assertEquals(size, segment.byteSize());
                assertEquals(0, segment.address() % TensorArena.ALIGNMENT);
                assertEquals(-1, segment.mismatch(MemorySegment.ofArray(new byte[size])));
                segment.fill((byte) (all.size() + 1));
                all.add(segment);
              }
            }
            assertEquals(bytes, plain.bytes());
            assertEquals(bytes, weights.bytes());
            for (int i = 0; i < all.size(); i++) {
              assertHolds(all.get(i), (byte) (i + 1));
            }
          }
        });
  }

  private static void assertHolds(MemorySegment segment, byte value) {
    for (long at = 0; at < segment.byteSize(); at += Math.max(1, segment.byteSize() / 100)) {
      assertEquals(value, segment.get(ValueLayout.JAVA_BYTE, at));
    }
  }

  @Test
  void closingGivesEverythingBack() {
    TensorArena arena = TensorArena.ofWeights();
    MemorySegment ofChunk = arena.allocateBytes(1 << 20);
    MemorySegment large = arena.allocateBytes(80 << 20);
    assertTrue(ofChunk.scope().isAlive() && large.scope().isAlive());
    arena.close();
    assertFalse(ofChunk.scope().isAlive() || large.scope().isAlive());
    assertThrows(IllegalStateException.class, () -> arena.allocateBytes(1));
  }
}
