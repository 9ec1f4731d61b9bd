package io.lockstep.runtime.kernel;

import java.util.concurrent.atomic.AtomicInteger;

/** A parallel loop whose threads each have scratch memory of their own, a slot. */
public final class SlotLoop {

  private SlotLoop() {}

  /** Work on one unit with the memory of one slot. */
  @FunctionalInterface
  public interface Body {
    void run(int unit, int slot);
  }

  /** Runs {@code body} for all units; no slot serves two threads at a time. */
  public static void run(ComputePool pool, int slots, int units, Body body) {
    if (slots == 1) {
      for (int unit = 0; unit < units; unit++) {
        body.run(unit, 0);
      }
      return;
    }
    AtomicInteger next = new AtomicInteger();
    pool.parallelFor(
        slots,
        1,
        (from, to) -> {
          for (int slot = from; slot < to; slot++) {
            for (int unit = next.getAndIncrement(); unit < units; unit = next.getAndIncrement()) {
              body.run(unit, slot);
            }
          }
        });
  }
}
