package io.lockstep.runtime.plan;

import io.lockstep.runtime.tensor.TensorArena;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Places buffers in one arena so that those alive at the same time do not overlap: largest first,
 * each into the lowest gap that fits (greedy by size, Pisarchyk and Lee, "Efficient Memory
 * Management for Deep Neural Net Inference", 2020).
 */
final class MemoryPlanner {

  private MemoryPlanner() {}

  /** A buffer and the steps during which it holds something. */
  static final class Buffer {
    private final long bytes;
    private final int firstStep;
    private int lastStep;
    private long offset = -1;

    /**
     * A buffer that is written at {@code firstStep}.
     *
     * @param lastStep the last step that reads it, inclusive
     */
    Buffer(long bytes, int firstStep, int lastStep) {
      this.bytes = bytes;
      this.firstStep = firstStep;
      this.lastStep = lastStep;
    }

    long bytes() {
      return bytes;
    }

    /** Bytes from the start of the arena, once placed. */
    long offset() {
      return offset;
    }

    int lastStep() {
      return lastStep;
    }

    void extendTo(int step) {
      lastStep = Math.max(lastStep, step);
    }

    private boolean meets(Buffer other) {
      return firstStep <= other.lastStep && other.firstStep <= lastStep;
    }
  }

  /** Places all buffers; returns the bytes that the arena needs. */
  static long place(List<Buffer> buffers) {
    List<Buffer> bySize = new ArrayList<>(buffers);
    bySize.sort(Comparator.comparingLong(Buffer::bytes).reversed());
    List<Buffer> placed = new ArrayList<>(); // by ascending offset
    long total = 0;
    for (Buffer buffer : bySize) {
      buffer.offset = lowestGap(buffer, placed);
      total = Math.max(total, buffer.offset + aligned(buffer.bytes));
      int at = 0;
      while (at < placed.size() && placed.get(at).offset <= buffer.offset) {
        at++;
      }
      placed.add(at, buffer);
    }
    return total;
  }

  private static long lowestGap(Buffer buffer, List<Buffer> placed) {
    long end = 0;
    for (Buffer other : placed) {
      if (buffer.meets(other)) {
        if (other.offset - end >= aligned(buffer.bytes)) {
          return end;
        }
        end = Math.max(end, other.offset + aligned(other.bytes));
      }
    }
    return end;
  }

  private static long aligned(long bytes) {
    return (bytes + TensorArena.ALIGNMENT - 1) & -TensorArena.ALIGNMENT;
  }
}
