package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.BlockGemm;
import io.lockstep.runtime.kernel.BlockMatrix;
import io.lockstep.runtime.kernel.ComputePool;
import io.lockstep.runtime.kernel.PerThread;
import io.lockstep.runtime.kernel.jit.TileShape.Product;
import io.lockstep.runtime.tensor.TensorArena;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Products with block-quantised matrices by dot products of bytes. Matrices are packed, rows of
 * activations are rounded to bytes by blocks of 32. Matrices of 16-bit floats are {@link
 * JitHalfGemm}'s.
 */
final class JitBlockGemm implements BlockGemm {

  /** Rows up to which one tile takes all, so that weights are read once. */
  private static final int ONE_TILE = 8;

  /** Bytes of weights that are worth another thread, and that one call reads. */
  private static final long CALL_BYTES = 128 * 1024;

  /** Elements of activations that are worth another thread. */
  private static final int STAGE_WORK = 16_384;

  private static final float NIBBLES = Float.intBitsToFloat(0x0f0f0f0f);
  private static final float SIGNS = Float.intBitsToFloat(0x80808080);
  private static final float ONES = Float.intBitsToFloat(0x00010001);
  private static final float HIGH_BITS = Float.intBitsToFloat(0x30303030);

  /** What unsigned bytes stand above signed ones. */
  private static final float SIGN_SHIFT = 128;

  /** Staged rows of the products that a thread starts; they only grow. */
  private static final PerThread<MemorySegment> STAGED =
      PerThread.withInitial(() -> Arena.ofAuto().allocate(1 << 16, 64));

  private final Others others;
  private final BlockPacker packer;
  private final Isa isa;
  private final List<BlockTiles> formats;
  private final JitHalfGemm halves;

  /**
   * Kernels for one instruction set.
   *
   * @param product how dot products of bytes are computed
   * @param halves takes the matrices of 16-bit floats
   * @param others takes over what is not packed
   */
  JitBlockGemm(Isa isa, Product product, JitHalfGemm halves, Others others) {
    this.isa = isa;
    this.halves = halves;
    this.others = others;
    this.packer = new BlockPacker(isa);
    this.formats =
        Stream.of(BlockPanels.values())
            .map(format -> new BlockTiles(isa, product, format))
            .toList();
  }

  @Override
  public BlockMatrix pack(BlockMatrix w, TensorArena owner, ComputePool pool) {
    if (HalfFormat.of(w.format()).isPresent()) {
      return w.isPacked() ? w : halves.pack(w, owner, pool);
    }
    Optional<BlockPanels> format = BlockPanels.of(w.format());
    return format.isPresent() && !w.isPacked() ? packer.pack(format.get(), w, owner, pool) : w;
  }

  @Override
  public void gemm(
      int rows,
      MemorySegment a,
      long aOffset,
      int aStride,
      BlockMatrix w,
      MemorySegment c,
      long cOffset,
      int cStride,
      ComputePool pool) {
    if (!w.isPacked()) {
      others.kernels().blockGemm().gemm(rows, a, aOffset, aStride, w, c, cOffset, cStride, pool);
      return;
    }
    if (rows == 0) {
      return;
    }
    Optional<HalfFormat> half = HalfFormat.of(w.format());
    if (half.isPresent()) {
      halves.gemm(half.get(), rows, a, aOffset, aStride, w, c, cOffset, cStride, pool);
      return;
    }
    BlockPanels format = BlockPanels.of(w.format()).orElseThrow();
    long panelBytes = BlockPacker.panelBytes(format, w);
    int units = w.k() / w.format().blockElements();
    multiply(
        new Panels(format, w.n(), w.k(), w.data(), panelBytes, units, 1),
        new Rows(rows, a, aOffset, aStride),
        new Rows(rows, c, cOffset, cStride),
        pool);
  }

  /**
   * A packed matrix [n, k].
   *
   * @param units blocks of weights in a panel
   * @param groups blocks of activations in a unit, where the format leaves that open
   */
  record Panels(
      BlockPanels format,
      int n,
      int k,
      MemorySegment data,
      long panelBytes,
      int units,
      int groups) {}

  /** Rows of floats; offset and stride count elements. */
  record Rows(int count, MemorySegment data, long offset, int stride) {

    /** Where the first row is, after checking that all have so many columns. */
    long address(int columns) {
      return Addresses.ofRows(data, offset, count, stride, columns, Float.BYTES);
    }

    long strideBytes() {
      return (long) stride * Float.BYTES;
    }
  }

  /** c = a x w transposed, for at least one row. */
  void multiply(Panels w, Rows a, Rows c, ComputePool pool) {
    BlockPanels format = w.format;
    BlockTiles kernels = tiles(format);
    int rows = a.count;
    long from = a.address(w.k);
    long to = c.address(w.n);
    int panels = BlockPanels.panels(w.n);
    long weights = Addresses.of(w.data, 0, panels * w.panelBytes);
    int width = rows <= ONE_TILE ? 1 : kernels.mostPanels();
    int most = Math.min(rows <= ONE_TILE ? ONE_TILE : rows, kernels.mostRows(width));
    MemorySegment staged = staged((long) rows * w.k / BlockPanels.BLOCK * format.stagedBytes());
    Tiles tiles =
        new Tiles(rows, (rows + most - 1) / most, w.k, format.stagedBytes(), staged.address());
    stage(kernels.stage(), tiles, from, a.strideBytes(), pool);
    int grain = (int) Math.max(width, CALL_BYTES / w.panelBytes / width * width);
    int turns = (panels + width - 1) / width;
    pool.parallelFor(
        turns,
        Math.max(1, grain / width),
        (first, last) -> {
          int end = Math.min(panels, last * width);
          for (int panel = first * width; panel < end; panel += grain) {
            int count = Math.min(grain, end - panel);
            Parameters parameters = Parameters.ofThread();
            parameters.set(BlockSlots.PANEL_BYTES, w.panelBytes);
            parameters.set(BlockSlots.UNITS, w.units);
            parameters.set(BlockSlots.GROUPS, w.groups);
            parameters.set(BlockSlots.C_STRIDE, c.strideBytes());
            parameters.set(BlockSlots.CONSTANTS, NIBBLES, HIGH_BITS);
            parameters.set(BlockSlots.CONSTANTS + 1, SIGNS, ONES);
            parameters.set(BlockSlots.CONSTANTS + 2, SIGN_SHIFT, 0);
            for (int tile = 0; tile < tiles.count; tile++) {
              parameters.set(BlockSlots.A, tiles.address(tile));
              long row = to + tiles.first(tile) * c.strideBytes();
              run(kernels, tiles.rows(tile), width, panel, count, w.n, weights, row, parameters);
            }
          }
        });
  }

  private BlockTiles tiles(BlockPanels format) {
    for (BlockTiles tiles : formats) {
      if (tiles.format() == format) {
        return tiles;
      }
    }
    throw new IllegalArgumentException("no kernels for " + format);
  }

  private static MemorySegment staged(long bytes) {
    if (STAGED.get().byteSize() < bytes) {
      STAGED.set(Arena.ofAuto().allocate(2 * bytes, 64));
    }
    return STAGED.get();
  }

  /**
   * How rows are cut into tiles.
   *
   * @param blockBytes of a staged block of one row
   * @param staged address of the first tile
   */
  private record Tiles(int rows, int count, int k, int blockBytes, long staged) {

    int first(int tile) {
      return (int) ((long) rows * tile / count);
    }

    int rows(int tile) {
      return first(tile + 1) - first(tile);
    }

    long address(int tile) {
      return staged + (long) first(tile) * (k / BlockPanels.BLOCK) * blockBytes;
    }
  }

  private static void stage(
      BlockRowStage stage, Tiles tiles, long from, long stride, ComputePool pool) {
    pool.parallelFor(
        tiles.count,
        Math.max(1, STAGE_WORK * tiles.count / Math.max(1, tiles.rows * tiles.k)),
        (first, last) -> {
          for (int tile = first; tile < last; tile++) {
            for (int row = 0; row < tiles.rows(tile); row++) {
              stage.run(
                  from + (tiles.first(tile) + row) * stride,
                  tiles.k / BlockPanels.BLOCK,
                  tiles.address(tile),
                  row,
                  tiles.rows(tile));
            }
          }
        });
  }

  /** Results of a last panel that is not full, where nothing masks them. */
  private static final PerThread<MemorySegment> LAST =
      PerThread.withInitial(() -> Arena.ofAuto().allocate(ONE_TILE * BlockPanels.WORDS_BYTES, 64));

  /** One tile of rows with some panels: those that fill tiles, then the rest one by one. */
  private void run(
      BlockTiles tiles,
      int rows,
      int width,
      int panel,
      int count,
      int n,
      long weights,
      long c,
      Parameters parameters) {
    long panelBytes = parameters.get(BlockSlots.PANEL_BYTES);
    int end = panel + count;
    int full = n / BlockPanels.WIDTH;
    int whole = Math.max(0, Math.min(end, full) - panel) / width;
    call(tiles, rows, width, whole, panel, -1, weights, c, panelBytes, parameters);
    for (int next = panel + whole * width; next < end; next++) {
      int lanes = Math.min(BlockPanels.WIDTH, n - next * BlockPanels.WIDTH);
      if (isa == Isa.AVX512 || lanes == BlockPanels.WIDTH) {
        call(tiles, rows, 1, 1, next, (1L << lanes) - 1, weights, c, panelBytes, parameters);
      } else {
        last(tiles, rows, next, lanes, weights, c, panelBytes, parameters);
      }
    }
  }

  /** A panel with fewer columns, by way of memory with room for all. */
  private static void last(
      BlockTiles tiles,
      int rows,
      int panel,
      int lanes,
      long weights,
      long c,
      long panelBytes,
      Parameters parameters) {
    MemorySegment results = LAST.get();
    final long stride = parameters.get(BlockSlots.C_STRIDE);
    long to = c + (long) panel * BlockPanels.WORDS_BYTES;
    parameters.set(BlockSlots.C_STRIDE, BlockPanels.WORDS_BYTES);
    call(
        tiles,
        rows,
        1,
        1,
        panel,
        -1,
        weights,
        results.address() - (long) panel * BlockPanels.WORDS_BYTES,
        panelBytes,
        parameters);
    parameters.set(BlockSlots.C_STRIDE, stride);
    for (int row = 0; row < rows; row++) {
      MemorySegment.copy(
          results,
          (long) row * BlockPanels.WORDS_BYTES,
          PlainGather.MEMORY,
          to + row * stride,
          (long) lanes * Float.BYTES);
    }
  }

  private static void call(
      BlockTiles tiles,
      int rows,
      int width,
      int turns,
      int panel,
      long mask,
      long weights,
      long c,
      long panelBytes,
      Parameters parameters) {
    if (turns == 0) {
      return;
    }
    parameters.set(BlockSlots.W, weights + panel * panelBytes);
    parameters.set(BlockSlots.C, c + (long) panel * BlockPanels.WORDS_BYTES);
    parameters.set(BlockSlots.TURNS, turns);
    parameters.set(BlockSlots.MASK, mask);
    tiles.product(rows, width).call(parameters);
  }
}
