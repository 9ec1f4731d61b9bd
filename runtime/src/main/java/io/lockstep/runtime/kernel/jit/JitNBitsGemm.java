package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.ComputePool;
import io.lockstep.runtime.kernel.NBitsGemm;
import io.lockstep.runtime.kernel.NBitsMatrix;
import io.lockstep.runtime.tensor.TensorArena;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Products with matrices of small integers. Where activations may be rounded, they are those of
 * {@link JitBlockGemm}. Else weights are widened to floats: in registers while one tile takes all
 * rows; with more, a panel at a time in the cache, for the tiles of {@link JitGemm}. Either way an
 * element is one chain of fused multiply-adds in ascending k.
 */
final class JitNBitsGemm implements NBitsGemm {

  /** Multiplications that are worth another thread. */
  private static final long THREAD_WORK = 1 << 17;

  private static final int LINE = 64;

  /** Rows of the products that a thread starts; they only grow. */
  private static final ThreadLocal<Scratch> STAGED = ThreadLocal.withInitial(Scratch::new);

  /** Results of a last panel that is not full, where nothing masks them. */
  private static final ThreadLocal<Scratch> LAST = ThreadLocal.withInitial(Scratch::new);

  /** A panel of floats. */
  private static final ThreadLocal<Scratch> FLOATS = ThreadLocal.withInitial(Scratch::new);

  /** Memory of a thread that only grows. */
  private static final class Scratch {
    private MemorySegment memory = MemorySegment.NULL;

    MemorySegment atLeast(long bytes) {
      if (memory.byteSize() < bytes) {
        memory = Arena.ofAuto().allocate(Math.max(1 << 16, 2 * bytes), LINE);
      }
      return memory;
    }
  }

  private final Isa isa;
  private final JitBlockGemm rounding;
  private final JitGemm floats;

  /** By bits, zero points, rows and panels; no rows decode. */
  private final AtomicReferenceArray<NativeKernel> kernels;

  /**
   * Kernels for one instruction set.
   *
   * @param rounding takes the products whose activations may be rounded
   * @param floats takes the tiles of many rows
   */
  JitNBitsGemm(Isa isa, JitBlockGemm rounding, JitGemm floats) {
    this.isa = isa;
    this.rounding = rounding;
    this.floats = floats;
    int shapes = (NBitsTileGenerator.mostRows(isa) + 1) * NBitsTileGenerator.MOST_PANELS;
    this.kernels = new AtomicReferenceArray<>(2 * (Byte.SIZE + 1) * shapes);
  }

  @Override
  public NBitsMatrix pack(NBitsMatrix w, TensorArena owner, ComputePool pool) {
    return NBitsPacker.pack(w, owner, pool);
  }

  @Override
  public void gemm(
      int rows,
      MemorySegment a,
      long aOffset,
      int aStride,
      NBitsMatrix w,
      MemorySegment c,
      long cOffset,
      int cStride,
      ComputePool pool) {
    if (rows == 0) {
      return;
    }
    NBitsPanels panels = new NBitsPanels(w.format(), w.k());
    Addresses.of(w.codes(), 0, NBitsPanels.panels(w.n()) * panels.panelBytes());
    JitBlockGemm.Rows from = new JitBlockGemm.Rows(rows, a, aOffset, aStride);
    JitBlockGemm.Rows to = new JitBlockGemm.Rows(rows, c, cOffset, cStride);
    from.address(w.k());
    to.address(w.n());
    if (w.format().mayRound()) {
      int units = w.format().blocks(w.k());
      int groups = w.format().blockSize() / BlockPanels.BLOCK;
      rounding.multiply(
          new JitBlockGemm.Panels(
              panels.asBlocks(), w.n(), w.k(), w.codes(), panels.panelBytes(), units, groups),
          from,
          to,
          pool);
    } else if (rows <= NBitsTileGenerator.mostRows(isa)) {
      fewRows(from, w, panels, to, pool);
    } else {
      manyRows(from, w, panels, to, pool);
    }
  }

  /**
   * One tile of all rows. The rows are copied, filled up with zeros to whole words, and their
   * distance is no multiple of what would put them all in the same place of a cache.
   */
  private void fewRows(
      JitBlockGemm.Rows a,
      NBitsMatrix w,
      NBitsPanels panels,
      JitBlockGemm.Rows c,
      ComputePool pool) {
    int rows = a.count();
    long rowBytes = (long) w.k() * Float.BYTES;
    long filled = (long) panels.words() * panels.wordElements() * Float.BYTES;
    long stride = (filled + LINE - 1) / LINE * LINE + LINE;
    MemorySegment staged = STAGED.get().atLeast(rows * stride);
    for (int row = 0; row < rows; row++) {
      long from = (a.offset() + (long) row * a.stride()) * Float.BYTES;
      MemorySegment.copy(a.data(), from, staged, row * stride, rowBytes);
      staged.asSlice(row * stride + rowBytes, filled - rowBytes).fill((byte) 0);
    }
    int count = BlockPanels.panels(w.n());
    int width = NBitsTileGenerator.panelsFor(isa, rows);
    int units = (count + width - 1) / width;
    long unitWork = Math.max(1, (long) rows * w.k() * width * BlockPanels.WIDTH);
    pool.parallelFor(
        units,
        Math.clamp(THREAD_WORK / unitWork, 1, Math.max(1, units)),
        (first, last) -> {
          Parameters parameters = parameters(panels);
          parameters.set(NBitsSlots.A, staged.address());
          parameters.set(NBitsSlots.A_STRIDE, stride);
          for (int unit = first; unit < last; unit++) {
            int panel = unit * width;
            tile(parameters, rows, w, panels, panel, Math.min(width, count - panel), c);
          }
        });
  }

  private void tile(
      Parameters parameters,
      int rows,
      NBitsMatrix w,
      NBitsPanels panels,
      int panel,
      int count,
      JitBlockGemm.Rows c) {
    int column = panel * BlockPanels.WIDTH;
    int columns = Math.min(count * BlockPanels.WIDTH, w.n() - column);
    long at = (c.offset() + column) * Float.BYTES;
    parameters.set(NBitsSlots.W, w.codes().address() + panel * panels.panelBytes());
    NativeKernel kernel = kernel(w, rows, count);
    if (columns == count * BlockPanels.WIDTH) {
      parameters.set(NBitsSlots.C, c.data().address() + at);
      parameters.set(NBitsSlots.C_STRIDE, c.strideBytes());
      kernel.call(parameters);
      return;
    }
    long rowBytes = (long) count * BlockPanels.WORDS_BYTES;
    MemorySegment results = LAST.get().atLeast(rows * rowBytes);
    parameters.set(NBitsSlots.C, results.address());
    parameters.set(NBitsSlots.C_STRIDE, rowBytes);
    kernel.call(parameters);
    for (int row = 0; row < rows; row++) {
      long bytes = (long) columns * Float.BYTES;
      MemorySegment.copy(results, row * rowBytes, c.data(), at + row * c.strideBytes(), bytes);
    }
  }

  /** Panels of floats, one at a time for all rows. */
  private void manyRows(
      JitBlockGemm.Rows a,
      NBitsMatrix w,
      NBitsPanels panels,
      JitBlockGemm.Rows c,
      ComputePool pool) {
    int width = floats.panelColumns();
    int perPanel = width / BlockPanels.WIDTH;
    NativeKernel decode = kernel(w, 0, perPanel);
    long floatBytes = (long) panels.words() * panels.wordElements() * width * Float.BYTES;
    pool.parallelFor(
        (w.n() + width - 1) / width,
        1,
        (first, last) -> {
          MemorySegment panel = FLOATS.get().atLeast(floatBytes);
          for (int i = first; i < last; i++) {
            Parameters parameters = parameters(panels);
            long from = (long) i * perPanel * panels.panelBytes();
            parameters.set(NBitsSlots.W, w.codes().address() + from);
            parameters.set(NBitsSlots.C, panel.address());
            decode.call(parameters);
            int column = i * width;
            floats.panel(a, w.k(), column, Math.min(width, w.n() - column), panel.address(), c);
          }
        });
  }

  /** The thread's parameters with all that does not depend on rows and panels. */
  private static Parameters parameters(NBitsPanels panels) {
    Parameters parameters = Parameters.ofThread();
    parameters.set(NBitsSlots.PANEL_BYTES, panels.panelBytes());
    parameters.set(NBitsSlots.BLOCK_WORDS, panels.blockWords());
    parameters.set(NBitsSlots.WORDS, panels.words());
    NBitsWidening.setConstants(parameters, panels.format());
    return parameters;
  }

  private NativeKernel kernel(NBitsMatrix w, int rows, int panels) {
    int bits = w.format().bits();
    boolean hasZeros = w.format().hasZeros();
    int kind = 2 * bits + (hasZeros ? 1 : 0);
    int shape = rows * NBitsTileGenerator.MOST_PANELS + panels - 1;
    int index = kind + 2 * (Byte.SIZE + 1) * shape;
    NativeKernel kernel = kernels.get(index);
    if (kernel == null) {
      kernel = new NBitsTileGenerator(isa, bits, hasZeros, rows, panels).generate();
      kernels.set(index, kernel);
    }
    return kernel;
  }
}
