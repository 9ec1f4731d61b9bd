package io.lockstep.runtime.operator;

import io.lockstep.runtime.kernel.ComputePool;
import io.lockstep.runtime.kernel.Copies;
import io.lockstep.runtime.kernel.Copies.Places;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A strided copy as rows whose destinations are contiguous, each filled from the same places
 * relative to its start. Everything counts bytes.
 */
final class RowCopy {

  /** Elements of a row, so that the table of places stays in the first-level cache. */
  private static final int MOST_ELEMENTS = 2048;

  /** Fewer elements are not worth a table. */
  private static final int LEAST_ELEMENTS = 8;

  /** Shorter stretches are gathered where their destinations are neighbours. */
  private static final int LEAST_STRETCH = 64;

  private static final int MOST_STRETCH = 8192;

  /** Elements that are worth another thread. */
  private static final int CHUNK = 32_768;

  /** One axis of both patterns. */
  record Axis(int extent, long from, long to) {

    Axis scaled(int bytes) {
      return new Axis(extent, from * bytes, to * bytes);
    }
  }

  private final OuterAxes outer;
  private final Axis rows;
  private final int elementBytes; // 1 where a row is one stretch
  private final int elements; // of a row
  private final @Nullable Places places; // null for a contiguous source
  private final int rowsOfChunk;
  private final int chunks;

  private RowCopy(List<Axis> outer, int elementBytes, int elements, @Nullable Places places) {
    Axis longest = new Axis(1, 0, 0);
    for (Axis axis : outer) {
      longest = axis.extent() > longest.extent() ? axis : longest;
    }
    this.rows = longest;
    List<Axis> others = new ArrayList<>(outer);
    others.remove(longest);
    this.outer = new OuterAxes(others);
    this.elementBytes = elementBytes;
    this.elements = elements;
    this.places = places;
    this.rowsOfChunk = Math.clamp(CHUNK / elements, 1, rows.extent());
    this.chunks = Math.ceilDiv(rows.extent(), rowsOfChunk);
  }

  /**
   * The copy in this form, where that is worth it.
   *
   * @param elementBytes bytes of an element
   * @param axes of both patterns in elements, in the destination's order
   */
  static Optional<RowCopy> of(int elementBytes, List<Axis> axes) {
    List<Axis> left = new ArrayList<>();
    for (Axis axis : axes) {
      if (axis.extent() == 0) {
        return Optional.empty();
      }
      left.add(axis.scaled(elementBytes));
    }
    Axis last = left.getLast();
    if (last.to() != elementBytes) {
      return Optional.empty();
    }
    boolean gathers = elementBytes == Integer.BYTES || elementBytes == 1;
    if (last.from() != elementBytes) {
      return gathers ? gathered(elementBytes, left) : Optional.empty();
    }
    long stretch = (long) last.extent() * elementBytes;
    if (gathers && stretch < LEAST_STRETCH) {
      Optional<RowCopy> joined = gathered(elementBytes, new ArrayList<>(left));
      if (joined.isPresent()) {
        return joined;
      }
    }
    left.removeLast();
    boolean isWorth = !left.isEmpty() && stretch % Integer.BYTES == 0 && stretch <= MOST_STRETCH;
    return isWorth ? Optional.of(new RowCopy(left, 1, (int) stretch, null)) : Optional.empty();
  }

  private static Optional<RowCopy> gathered(int elementBytes, List<Axis> left) {
    List<Axis> row = new ArrayList<>();
    int words = 1;
    while (!left.isEmpty() && left.getLast().to() == (long) words * elementBytes) {
      Axis axis = left.removeLast();
      int part = largestDivisor(axis.extent(), MOST_ELEMENTS / words);
      row.addFirst(new Axis(part, axis.from(), axis.to()));
      words *= part;
      if (part < axis.extent()) {
        left.add(new Axis(axis.extent() / part, axis.from() * part, axis.to() * part));
        break;
      }
    }
    int[] offsets = new int[words];
    for (int i = 0; i < words; i++) {
      long offset = 0;
      for (Axis axis : row) {
        offset += i / (axis.to() / elementBytes) % axis.extent() * axis.from();
      }
      if (offset < 0 || offset > Integer.MAX_VALUE) {
        return Optional.empty();
      }
      offsets[i] = (int) offset;
    }
    return words < LEAST_ELEMENTS
        ? Optional.empty()
        : Optional.of(new RowCopy(left, elementBytes, words, Places.of(offsets)));
  }

  private static int largestDivisor(int number, int most) {
    int divisor = Math.min(number, most);
    while (number % divisor != 0) {
      divisor--;
    }
    return divisor;
  }

  /** Copies, starting at these bytes. */
  void run(
      Copies copies,
      MemorySegment from,
      long fromByte,
      MemorySegment to,
      long toByte,
      ComputePool pool) {
    pool.parallelFor(
        Math.multiplyExact(chunks, outer.places()),
        Math.max(1, CHUNK / (rowsOfChunk * elements)),
        (first, end) -> {
          for (int unit = first; unit < end; unit++) {
            unit(copies, from, fromByte, to, toByte, unit);
          }
        });
  }

  private void unit(
      Copies copies, MemorySegment from, long fromByte, MemorySegment to, long toByte, int unit) {
    int row = unit % chunks * rowsOfChunk;
    int count = Math.min(rowsOfChunk, rows.extent() - row);
    int place = unit / chunks;
    long source = fromByte + row * rows.from() + outer.from(place);
    long target = toByte + row * rows.to() + outer.to(place);
    if (places == null) {
      copies.rows(count, elements, from, source, rows.from(), to, target, rows.to());
    } else {
      copies.gather(elementBytes, count, places, from, source, rows.from(), to, target, rows.to());
    }
  }
}
