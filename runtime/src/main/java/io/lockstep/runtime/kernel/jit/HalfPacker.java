package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.BlockMatrix;
import io.lockstep.runtime.kernel.ComputePool;
import io.lockstep.runtime.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Packs matrices [n, k] of 16-bit floats into panels, one behind the other: half [k, columns], of
 * which the last is filled up with zeros. A product reads a panel as one stream.
 */
final class HalfPacker {

  /** Steps of the reduction that are moved at a time: what they make stays in the cache. */
  private static final int STEPS = 32;

  private final int columns;

  /** A packer for panels of so many rows of the matrix. */
  HalfPacker(int columns) {
    this.columns = columns;
  }

  int panels(int n) {
    return (n + columns - 1) / columns;
  }

  long panelBytes(int k) {
    return (long) k * columns * Short.BYTES;
  }

  /** The matrix in panels, in memory of {@code owner}. */
  BlockMatrix pack(BlockMatrix w, TensorArena owner, ComputePool pool) {
    Addresses.of(w.data(), 0, w.n() * w.rowBytes());
    MemorySegment data = owner.allocateBytes(panels(w.n()) * panelBytes(w.k()));
    pool.parallelFor(
        panels(w.n()),
        1,
        (from, to) -> {
          for (int panel = from; panel < to; panel++) {
            MemorySegment target = data.asSlice(panel * panelBytes(w.k()), panelBytes(w.k()));
            int count = Math.min(columns, w.n() - panel * columns);
            if (count < columns) {
              target.fill((byte) 0);
            }
            for (int step = 0; step < w.k(); step += STEPS) {
              move(w, panel * columns, count, step, Math.min(w.k(), step + STEPS), target);
            }
          }
        });
    return new BlockMatrix(w.format(), w.n(), w.k(), data, true);
  }

  private void move(BlockMatrix w, int row, int rows, int from, int to, MemorySegment panel) {
    MemorySegment data = w.data();
    for (int column = 0; column < rows; column++) {
      long source = (row + column) * w.rowBytes();
      for (int step = from; step < to; step++) {
        short half = data.get(ValueLayout.JAVA_SHORT_UNALIGNED, source + (long) step * Short.BYTES);
        long target = ((long) step * columns + column) * Short.BYTES;
        panel.set(ValueLayout.JAVA_SHORT_UNALIGNED, target, half);
      }
    }
  }
}
