package io.lockstep.runtime.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A row of words gathered from a few places, seen sixteen at a time: each vector is put together
 * from stretches of words that are neighbours in memory, spread over some of its lanes in their
 * order. Interleaving channels is such a row.
 *
 * @param count stretches of each vector
 * @param table for each vector int32 [16], each lane's place in its stretch, and int64 [count, 2],
 *     where the stretch starts in bytes from the row's start and its lanes as bits, which may be
 *     none
 */
public record LaneStretches(int count, MemorySegment table) {

  /** Words of a vector. */
  public static final int LANES = 16;

  /** With more of them gathering word by word is as quick. */
  public static final int MOST = 8;

  private static final int PLACES_BYTES = LANES * Integer.BYTES;
  private static final int ENTRY_BYTES = 2 * Long.BYTES;

  private record Stretch(int offset, long lanes) {}

  /** Where a stretch stands in a vector's part of the table; for {@code count} how long that is. */
  public static int entryByte(int stretch) {
    return PLACES_BYTES + stretch * ENTRY_BYTES;
  }

  /** The stretches of words at these bytes, if no vector has too many. */
  static Optional<LaneStretches> of(int[] offsets) {
    List<List<Stretch>> vectors = new ArrayList<>();
    int most = 1;
    for (int first = 0; first < offsets.length; first += LANES) {
      List<Stretch> vector = vector(offsets, first, Math.min(offsets.length, first + LANES));
      vectors.add(vector);
      most = Math.max(most, vector.size());
    }
    return most > MOST ? Optional.empty() : Optional.of(table(vectors, most));
  }

  private static List<Stretch> vector(int[] offsets, int first, int end) {
    List<Stretch> stretches = new ArrayList<>();
    long taken = 0;
    for (int start = first; start < end; start++) {
      if ((taken >> (start - first) & 1) != 0) {
        continue;
      }
      long lanes = 0;
      int next = offsets[start];
      for (int i = start; i < end; i++) {
        if (offsets[i] == next && (taken >> (i - first) & 1) == 0) {
          lanes |= 1L << (i - first);
          next += Integer.BYTES;
        }
      }
      taken |= lanes;
      stretches.add(new Stretch(offsets[start], lanes));
    }
    return stretches;
  }

  private static LaneStretches table(List<List<Stretch>> vectors, int count) {
    int vectorBytes = entryByte(count);
    MemorySegment table =
        Arena.ofAuto().allocate(Math.max(1, (long) vectors.size() * vectorBytes), PLACES_BYTES);
    for (int vector = 0; vector < vectors.size(); vector++) {
      MemorySegment part = table.asSlice((long) vector * vectorBytes, vectorBytes);
      List<Stretch> stretches = vectors.get(vector);
      for (int i = 0; i < stretches.size(); i++) {
        Stretch stretch = stretches.get(i);
        part.set(ValueLayout.JAVA_LONG, entryByte(i), stretch.offset());
        part.set(ValueLayout.JAVA_LONG, entryByte(i) + (long) Long.BYTES, stretch.lanes());
        int place = 0;
        for (int lane = 0; lane < LANES; lane++) {
          if ((stretch.lanes() >> lane & 1) != 0) {
            part.setAtIndex(ValueLayout.JAVA_INT, lane, place++);
          }
        }
      }
    }
    return new LaneStretches(count, table);
  }
}
