package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.RunContext;
import io.lockstep.runtime.kernel.ComputePool;
import java.lang.foreign.MemorySegment;
import java.util.function.IntToLongFunction;

/**
 * Shares the images of a batch out over the pool: several images each run on one thread with a
 * workspace of their own; a single image gets the whole pool.
 */
final class ImageSplit {

  /** Work on one image. */
  @FunctionalInterface
  interface Body {
    void run(int image, MemorySegment workspace, ComputePool pool);
  }

  private final int images;
  private final int slots;
  private final int threads;
  private final long slotBytes;

  /**
   * @param workspaceBytes scratch bytes that one image needs with a pool of so many threads
   */
  ImageSplit(int images, IntToLongFunction workspaceBytes) {
    this.images = images;
    int processors = Runtime.getRuntime().availableProcessors();
    this.slots = Math.min(images, processors);
    this.threads = slots > 1 ? 1 : processors;
    this.slotBytes = WorkspaceLayout.align(workspaceBytes.applyAsLong(threads));
  }

  long workspaceBytes() {
    return slots * slotBytes;
  }

  void run(RunContext context, Body body) {
    MemorySegment workspace = context.workspace();
    if (slots <= 1) {
      ComputePool pool = context.pool().threads() <= threads ? context.pool() : ComputePool.CALLER;
      for (int image = 0; image < images; image++) {
        body.run(image, workspace.asSlice(0, slotBytes), pool);
      }
      return;
    }
    context
        .pool()
        .parallelFor(
            slots,
            1,
            (from, to) -> {
              for (int slot = from; slot < to; slot++) {
                MemorySegment own = workspace.asSlice(slot * slotBytes, slotBytes);
                int end = (int) ((slot + 1L) * images / slots);
                for (int image = (int) ((long) slot * images / slots); image < end; image++) {
                  body.run(image, own, ComputePool.CALLER);
                }
              }
            });
  }
}
