package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.ComputePool;
import io.lockstep.runtime.kernel.NBitsGemm;
import io.lockstep.runtime.kernel.NBitsMatrix;
import io.lockstep.runtime.kernel.PerThread;
import io.lockstep.runtime.kernel.jit.NBitsTileGenerator.Source;
import io.lockstep.runtime.tensor.TensorArena;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Products with matrices of small integers. Where activations may be rounded, they are those of
 * {@link JitBlockGemm}. Else integers are widened to floats: in registers while one tile takes all
 * rows; with more, some panels at a time in the cache, for tile after tile. Rows of a are copied,
 * filled up with zeros to whole words, and their distance is no multiple of what would put them all
 * in the same place of a cache.
 */
final class JitNBitsGemm implements NBitsGemm {

  /** Multiplications that are worth another thread. */
  private static final long THREAD_WORK = 1 << 17;

  /** Elements of activations that are worth another thread. */
  private static final int STAGE_WORK = 1 << 16;

  /** Steps of the reduction whose floats stay in the second-level cache with those of the rows. */
  private static final int PART_STEPS = 512;

  /** Rows that are multiplied with floats before they are made anew. */
  private static final int BLOCK_ROWS = 192;

  /** Tiles side by side that find the rows in the cache. */
  private static final int BLOCK_TILES = 8;

  private static final int LINE = 64;

  /** Rows of the products that a thread starts. */
  private static final PerThread<Scratch> STAGED = PerThread.withInitial(Scratch::new);

  /** Results of a last panel that is not full, where nothing masks them. */
  private static final PerThread<Scratch> LAST = PerThread.withInitial(Scratch::new);

  /** Widened integers. */
  private static final PerThread<Scratch> FLOATS = PerThread.withInitial(Scratch::new);

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
  private final NBitsTiles tiles;

  /**
   * Kernels for one instruction set.
   *
   * @param rounding takes the products whose activations may be rounded
   */
  JitNBitsGemm(Isa isa, JitBlockGemm rounding) {
    this.isa = isa;
    this.rounding = rounding;
    this.tiles = new NBitsTiles(isa);
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
    Addresses.of(w.codes(), 0, panels.bytes(w.n()));
    JitBlockGemm.Rows from = new JitBlockGemm.Rows(rows, a, aOffset, aStride);
    JitBlockGemm.Rows to = new JitBlockGemm.Rows(rows, c, cOffset, cStride);
    if (w.format().mayRound()) {
      rounding.multiply(panels.asBlocks(w), from, to, pool);
      return;
    }
    to.address(w.n());
    Product product = new Product(w, panels, staged(from, panels, pool), to);
    if (rows <= NBitsTileGenerator.mostRows(isa, Source.WORDS)) {
      fewRows(product, pool);
    } else {
      manyRows(product, pool);
    }
  }

  /**
   * What is multiplied.
   *
   * @param a the copied rows
   */
  private record Product(NBitsMatrix w, NBitsPanels panels, Place a, JitBlockGemm.Rows c) {

    int rows() {
      return c.count();
    }

    /** Where a block of a panel is. */
    long block(int panel, int block) {
      return w.codes().address() + panel * panels.panelBytes() + (long) block * panels.blockBytes();
    }
  }

  /** Rows in memory: the address of the first, and bytes from one to the next. */
  private record Place(long address, long stride) {

    long row(int row) {
      return address + row * stride;
    }
  }

  /** The part of a product that a call computes: rows, and panels side by side. */
  private record Part(int row, int rows, int panel, int panels) {

    /** Whether all columns of the panels exist. */
    boolean isWhole(Product product) {
      return (panel + panels) * BlockPanels.WIDTH <= product.w.n();
    }

    long columnBytes() {
      return (long) panel * BlockPanels.WORDS_BYTES;
    }

    /** Where results go: to their place, or where all columns have room. */
    Place results(Product product) {
      JitBlockGemm.Rows c = product.c;
      if (isWhole(product)) {
        long at = c.data().address() + c.offset() * Float.BYTES + columnBytes();
        return new Place(at + row * c.strideBytes(), c.strideBytes());
      }
      long rowBytes = (long) panels * BlockPanels.WORDS_BYTES;
      return new Place(LAST.get().atLeast(rows * rowBytes).address(), rowBytes);
    }

    /** Brings results to their place. */
    void finish(Product product, Place results) {
      if (isWhole(product)) {
        return;
      }
      JitBlockGemm.Rows c = product.c;
      long to = c.offset() * Float.BYTES + columnBytes();
      long bytes = (long) product.w.n() * Float.BYTES - columnBytes();
      for (int i = 0; i < rows; i++) {
        long at = to + (row + i) * c.strideBytes();
        MemorySegment.copy(PlainGather.MEMORY, results.row(i), c.data(), at, bytes);
      }
    }
  }

  private static Place staged(JitBlockGemm.Rows a, NBitsPanels panels, ComputePool pool) {
    a.address(panels.k());
    long rowBytes = (long) panels.k() * Float.BYTES;
    long filled = (long) panels.words() * panels.wordElements() * Float.BYTES;
    long stride = (filled + LINE - 1) / LINE * LINE + LINE;
    MemorySegment staged = STAGED.get().atLeast(a.count() * stride);
    pool.parallelFor(
        a.count(),
        Math.max(1, STAGE_WORK / Math.max(1, panels.k())),
        (first, last) -> {
          for (int row = first; row < last; row++) {
            long from = a.offset() * Float.BYTES + row * a.strideBytes();
            MemorySegment.copy(a.data(), from, staged, row * stride, rowBytes);
            staged.asSlice(row * stride + rowBytes, filled - rowBytes).fill((byte) 0);
          }
        });
    return new Place(staged.address(), stride);
  }

  /** One tile of all rows. */
  private void fewRows(Product product, ComputePool pool) {
    int rows = product.rows();
    int panels = BlockPanels.panels(product.w.n());
    int width = NBitsTileGenerator.panelsFor(isa, Source.WORDS, rows);
    int units = (panels + width - 1) / width;
    long unitWork = Math.max(1, (long) rows * product.w.k() * width * BlockPanels.WIDTH);
    pool.parallelFor(
        units,
        Math.clamp(THREAD_WORK / unitWork, 1, Math.max(1, units)),
        (first, last) -> {
          Parameters parameters = parameters(product);
          parameters.set(NBitsSlots.WORDS, product.panels.words());
          parameters.set(NBitsSlots.CONTINUES, 0);
          for (int unit = first; unit < last; unit++) {
            int panel = unit * width;
            Part part = new Part(0, rows, panel, Math.min(width, panels - panel));
            Place to = part.results(product);
            parameters.set(NBitsSlots.W, product.block(panel, 0));
            tiles(Source.WORDS, product, part, product.a.address, to, parameters);
            part.finish(product, to);
          }
        });
  }

  /** Blocks of rows, and of tiles side by side. */
  private void manyRows(Product product, ComputePool pool) {
    int rows = product.rows();
    int width = NBitsTileGenerator.panelsFor(isa, Source.FLOATS, 1);
    int units = (BlockPanels.panels(product.w.n()) + width - 1) / width;
    int sides = (units + BLOCK_TILES - 1) / BLOCK_TILES;
    int blocks = (rows + BLOCK_ROWS - 1) / BLOCK_ROWS;
    pool.parallelFor(
        blocks * sides,
        1,
        (from, to) -> {
          for (int i = from; i < to; i++) {
            int row = share(rows, i / sides, blocks);
            int end = share(rows, i / sides + 1, blocks);
            int unit = share(units, i % sides, sides);
            int last = share(units, i % sides + 1, sides);
            block(product, new Part(row, end - row, unit * width, (last - unit) * width), width);
          }
        });
  }

  /** Where the share of one of so many starts. */
  private static int share(int count, int index, int of) {
    return (int) ((long) count * index / of);
  }

  /** Some rows by panels side by side, a part of the reduction after the other. */
  private void block(Product product, Part all, int width) {
    NBitsPanels panels = product.panels;
    int blockSize = panels.format().blockSize();
    int most = Math.max(1, PART_STEPS / blockSize);
    int blocks = panels.format().blocks(panels.k());
    long floatBytes = (long) most * blockSize * width * BlockPanels.WORDS_BYTES;
    Parameters parameters = parameters(product);
    parameters.set(NBitsSlots.FLOATS, FLOATS.get().atLeast(floatBytes).address());
    NativeKernel store = tiles.kernel(Source.STORED, panels.format(), 0, width);
    for (int first = 0; first == 0 || first < blocks; first += most) {
      int left = panels.words() - first * panels.blockWords();
      parameters.set(NBitsSlots.WORDS, Math.min(left, most * panels.blockWords()));
      parameters.set(NBitsSlots.CONTINUES, first);
      long a = product.a.row(all.row) + (long) first * blockSize * Float.BYTES;
      for (int i = 0; i < all.panels; i += width) {
        Part part = new Part(all.row, all.rows, all.panel + i, width);
        parameters.set(NBitsSlots.W, product.block(part.panel, first));
        store.call(parameters);
        Place to = part.results(product);
        tiles(Source.FLOATS, product, part, a, to, parameters);
        if (first + most >= blocks) {
          part.finish(product, to);
        }
      }
    }
  }

  /**
   * Equal tiles below each other.
   *
   * @param a where the first of the rows is
   */
  private void tiles(
      Source source, Product product, Part part, long a, Place to, Parameters parameters) {
    int most = NBitsTileGenerator.mostRows(isa, source);
    int count = (part.rows + most - 1) / most;
    parameters.set(NBitsSlots.C_STRIDE, to.stride);
    for (int i = 0; i < count; i++) {
      int row = share(part.rows, i, count);
      int rows = share(part.rows, i + 1, count) - row;
      parameters.set(NBitsSlots.A, a + row * product.a.stride);
      parameters.set(NBitsSlots.C, to.row(row));
      tiles.kernel(source, product.panels.format(), rows, part.panels).call(parameters);
    }
  }

  /** The thread's parameters with all that is the same for a product. */
  private static Parameters parameters(Product product) {
    Parameters parameters = Parameters.ofThread();
    parameters.set(NBitsSlots.A_STRIDE, product.a.stride);
    parameters.set(NBitsSlots.PANEL_BYTES, product.panels.panelBytes());
    parameters.set(NBitsSlots.BLOCK_WORDS, product.panels.blockWords());
    NBitsWidening.setConstants(parameters, product.panels.format());
    return parameters;
  }
}
