package io.lockstep.runtime.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Optional;

/** Moves memory in regular patterns. Offsets and strides count bytes. */
public interface Copies {

  /**
   * Where the elements of a row come from, the same for each row.
   *
   * @param offsets int32 [count], bytes from the row's start; none is negative
   * @param highest the largest of them
   * @param stretches the same as stretches of neighbouring words, where they are few
   */
  record Places(MemorySegment offsets, int count, int highest, Optional<LaneStretches> stretches) {

    /** Bytes of a row of words, and of the offsets. */
    public long wordBytes() {
      return (long) count * Integer.BYTES;
    }

    /** Takes a copy. */
    public static Places of(int[] offsets) {
      MemorySegment own =
          Arena.ofAuto().allocate(Math.max(1L, (long) offsets.length * Integer.BYTES), 64);
      MemorySegment.copy(offsets, 0, own, ValueLayout.JAVA_INT, 0, offsets.length);
      int highest = Arrays.stream(offsets).max().orElse(0);
      return new Places(own, offsets.length, highest, LaneStretches.of(offsets));
    }
  }

  /**
   * to[row, i] = from[row + places[i]].
   *
   * @param elementBytes 1 or 4
   */
  void gather(
      int elementBytes,
      int rows,
      Places places,
      MemorySegment from,
      long fromByte,
      long fromStride,
      MemorySegment to,
      long toByte,
      long toStride);

  /** Copies rows of so many bytes. */
  void rows(
      int rows,
      int bytes,
      MemorySegment from,
      long fromByte,
      long fromStride,
      MemorySegment to,
      long toByte,
      long toStride);

  /**
   * to[column, row] = from[row, column].
   *
   * @param elementBytes 1 or 4
   * @param fromStride bytes from one row to the next
   * @param toStride bytes from one column to the next
   */
  void transpose(
      int elementBytes,
      int rows,
      int columns,
      MemorySegment from,
      long fromByte,
      long fromStride,
      MemorySegment to,
      long toByte,
      long toStride);
}
