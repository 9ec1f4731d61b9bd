package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.BlockMatrix;
import io.lockstep.runtime.kernel.ComputePool;
import io.lockstep.runtime.kernel.PerThread;
import io.lockstep.runtime.tensor.TensorArena;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Products of floats with packed matrices of 16-bit floats. Nothing is rounded but the sums:
 * weights take half the memory of floats, which is what one row waits for.
 */
final class JitHalfGemm {

  /** Steps of the reduction in one call: a part of a panel that the second-level cache holds. */
  private static final int CALL_STEPS = 2048;

  /** Multiplications that are worth another thread. */
  private static final long THREAD_WORK = 1 << 17;

  /** Results of a last panel that is not full, where nothing masks them; they only grow. */
  private static final PerThread<MemorySegment> LAST =
      PerThread.withInitial(() -> Arena.ofAuto().allocate(1 << 12, 64));

  private final Isa isa;
  private final HalfPacker packer;
  private final int columns;
  private final int mostRows;

  /** By rows and format. */
  private final boolean fetches;

  private final AtomicReferenceArray<NativeKernel> kernels;

  /**
   * Kernels for one instruction set.
   *
   * @param fetches whether weights are fetched ahead
   */
  JitHalfGemm(Isa isa, boolean fetches) {
    this.isa = isa;
    this.fetches = fetches;
    this.columns = HalfTileGenerator.columns(isa);
    this.mostRows = HalfTileGenerator.mostRows(isa);
    this.packer = new HalfPacker(columns);
    this.kernels = new AtomicReferenceArray<>(2 * (mostRows + 1));
  }

  BlockMatrix pack(BlockMatrix w, TensorArena owner, ComputePool pool) {
    return packer.pack(w, owner, pool);
  }

  /** As {@link io.lockstep.runtime.kernel.BlockGemm#gemm} with a packed matrix. */
  void gemm(
      HalfFormat format,
      int rows,
      MemorySegment a,
      long aOffset,
      int aStride,
      BlockMatrix w,
      MemorySegment c,
      long cOffset,
      int cStride,
      ComputePool pool) {
    Rows from =
        new Rows(
            Addresses.ofRows(a, aOffset, rows, aStride, w.k(), Float.BYTES),
            (long) aStride * Float.BYTES);
    Rows to =
        new Rows(
            Addresses.ofRows(c, cOffset, rows, cStride, w.n(), Float.BYTES),
            (long) cStride * Float.BYTES);
    int panels = packer.panels(w.n());
    Addresses.of(w.data(), 0, panels * packer.panelBytes(w.k()));
    long panelWork = Math.max(1, (long) rows * w.k() * columns);
    pool.parallelFor(
        panels,
        Math.clamp(THREAD_WORK / panelWork, 1, Math.max(1, panels)),
        (first, last) -> {
          for (int panel = first; panel < last; panel++) {
            panel(format, rows, from, w, panel, to);
          }
        });
  }

  /** Rows of floats: where the first is, and bytes from one to the next. */
  private record Rows(long address, long stride) {}

  private void panel(HalfFormat format, int rows, Rows a, BlockMatrix w, int panel, Rows c) {
    long weights = w.data().address() + panel * packer.panelBytes(w.k());
    long to = c.address + (long) panel * columns * Float.BYTES;
    int count = Math.min(columns, w.n() - panel * columns);
    if (count == columns) {
      multiply(format, rows, a, w.k(), weights, new Rows(to, c.stride));
      return;
    }
    long rowBytes = (long) columns * Float.BYTES;
    MemorySegment results = last(rows * rowBytes);
    multiply(format, rows, a, w.k(), weights, new Rows(results.address(), rowBytes));
    for (int row = 0; row < rows; row++) {
      MemorySegment.copy(
          results,
          row * rowBytes,
          PlainGather.MEMORY,
          to + row * c.stride,
          (long) count * Float.BYTES);
    }
  }

  private static MemorySegment last(long bytes) {
    if (LAST.get().byteSize() < bytes) {
      LAST.set(Arena.ofAuto().allocate(2 * bytes, 64));
    }
    return LAST.get();
  }

  /** A panel with all rows, a part of it after the other. */
  private void multiply(HalfFormat format, int rows, Rows a, int k, long weights, Rows c) {
    Parameters parameters = Parameters.ofThread();
    parameters.set(HalfTileGenerator.A_STRIDE_SLOT, a.stride);
    parameters.set(HalfTileGenerator.C_STRIDE_SLOT, c.stride);
    int tiles = (rows + mostRows - 1) / mostRows;
    int step = 0;
    do {
      int steps = Math.min(CALL_STEPS, k - step);
      parameters.set(HalfTileGenerator.STEPS_SLOT, steps);
      parameters.set(HalfTileGenerator.CONTINUES_SLOT, step);
      for (int tile = 0; tile < tiles; tile++) {
        int first = (int) ((long) rows * tile / tiles);
        int end = (int) ((long) rows * (tile + 1) / tiles);
        long element = a.address + first * a.stride + (long) step * Float.BYTES;
        parameters.set(HalfTileGenerator.A_SLOT, element);
        parameters.set(HalfTileGenerator.W_SLOT, weights + (long) step * columns * Short.BYTES);
        parameters.set(HalfTileGenerator.C_SLOT, c.address + first * c.stride);
        kernel(format, end - first).call(parameters);
      }
      step += steps;
    } while (step < k);
  }

  private NativeKernel kernel(HalfFormat format, int rows) {
    int index = 2 * rows + (format == HalfFormat.BRAIN ? 1 : 0);
    NativeKernel kernel = kernels.get(index);
    if (kernel == null) {
      kernel = new HalfTileGenerator(isa, format, rows, fetches).generate();
      kernels.set(index, kernel);
    }
    return kernel;
  }
}
