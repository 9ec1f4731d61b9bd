package io.lockstep.runtime.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Native memory for operands. Emitted kernels see addresses alone, so what they read must be
 * reachable while they run: the latest allocations of a thread are.
 */
final class TestMemory {

  private static final int KEPT = 64;

  private static final ThreadLocal<Deque<MemorySegment>> LATEST =
      ThreadLocal.withInitial(ArrayDeque::new);

  private TestMemory() {}

  static MemorySegment allocate(long bytes, long alignment) {
    MemorySegment segment = Arena.ofAuto().allocate(bytes, alignment);
    Deque<MemorySegment> latest = LATEST.get();
    latest.addLast(segment);
    if (latest.size() > KEPT) {
      latest.removeFirst();
    }
    return segment;
  }
}
