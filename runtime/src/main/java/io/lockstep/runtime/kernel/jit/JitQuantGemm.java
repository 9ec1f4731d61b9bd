package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.ComputePool;
import io.lockstep.runtime.kernel.Epilogue;
import io.lockstep.runtime.kernel.PackedQuantMatrix;
import io.lockstep.runtime.kernel.QuantColumns;
import io.lockstep.runtime.kernel.QuantGemm;
import io.lockstep.runtime.kernel.jit.TileShape.Product;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * Products of 8-bit integers on emitted tiles: by dot products of bytes where the processor has
 * them, else of 16-bit integers. Packed: the panels of {@link QuantPacker}; behind them int32 [n],
 * the sum of each column less k times its zero point, and an int32 that tells whether any zero
 * point is not 0.
 */
final class JitQuantGemm implements QuantGemm {

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;

  private final TileKernels tiles;
  private final @Nullable AmxKernels amx;
  private final TileEpilogue epilogues;
  private final QuantPacker packer;

  /**
   * Kernels on tiles of {@link Product#BYTES} or {@link Product#WORDS}.
   *
   * @param amx for many rows, on the panels of {@code tiles}; null for none
   */
  JitQuantGemm(TileKernels tiles, @Nullable AmxKernels amx, TileEpilogue epilogues) {
    this.tiles = tiles;
    this.amx = amx;
    this.epilogues = epilogues;
    this.packer = new QuantPacker(tiles);
  }

  @Override
  public PackedQuantMatrix pack(
      Tensor b, boolean transposed, @Nullable Tensor zeroPoint, TensorArena owner) {
    QuantColumns columns = QuantColumns.of(b, transposed, zeroPoint, owner);
    long panels = panelsBytes(tiles, columns.k(), columns.n());
    MemorySegment data =
        owner.allocateBytes(panels + (long) columns.n() * Integer.BYTES + Integer.BYTES);
    packer.pack(columns, data);
    PackedQuantMatrix packed = columns.packed(data);
    boolean anyZero = false;
    for (int column = 0; column < columns.n(); column++) {
      long bytes = (long) column * Integer.BYTES;
      int zero = packed.zeroPoints().get(INT, bytes);
      anyZero |= zero != 0;
      data.set(INT, panels + bytes, packed.columnSums().get(INT, bytes) - columns.k() * zero);
    }
    data.set(INT, panels + (long) columns.n() * Integer.BYTES, anyZero ? 1 : 0);
    return packed;
  }

  /** Whether any column of a packed matrix has a zero point other than 0. */
  static boolean hasZeroPoints(TileKernels tiles, PackedQuantMatrix b) {
    long flag = panelsBytes(tiles, b.k(), b.n()) + (long) b.n() * Integer.BYTES;
    return b.data().get(INT, flag) != 0;
  }

  private static long panelsBytes(TileKernels tiles, int k, int n) {
    return tiles.panels(n) * tiles.panelBytes(k);
  }

  @Override
  public long workspaceBytes(int rows, PackedQuantMatrix b) {
    return filling(rows, b.k()).workspaceBytes(rows, b.k());
  }

  private StagedRows.Filling filling(int rows, int k) {
    int depth = onAmx(rows, k) == null ? tiles.product().depth() : AmxGenerator.TILE_DEPTH;
    return new StagedRows.Filling(tiles.product(), depth);
  }

  /** The kernels of AMX where they are there and faster. */
  private @Nullable AmxKernels onAmx(int rows, int k) {
    return AmxKernels.takes(rows, k) ? amx : null;
  }

  @Override
  public void gemmI32(
      int rows,
      MemorySegment a,
      long aOffset,
      int aStride,
      boolean aSigned,
      MemorySegment aZeroPoints,
      PackedQuantMatrix b,
      MemorySegment workspace,
      MemorySegment c,
      long cOffset,
      int cStride,
      ComputePool pool) {
    StagedRows staged =
        stage(
            new StagedRows.Source(rows, b.k(), a, aOffset, aStride, aSigned),
            aZeroPoints,
            b,
            workspace,
            pool);
    run(rows, staged, b, 0, 0, Epilogue.NONE, c, cOffset, cStride, pool);
  }

  @Override
  public void gemmF32(
      int rows,
      MemorySegment a,
      long aOffset,
      int aStride,
      boolean aSigned,
      MemorySegment aZeroPoints,
      MemorySegment aScales,
      PackedQuantMatrix b,
      MemorySegment bScales,
      Epilogue epilogue,
      MemorySegment workspace,
      MemorySegment c,
      long cOffset,
      int cStride,
      ComputePool pool) {
    StagedRows staged =
        stage(
            new StagedRows.Source(rows, b.k(), a, aOffset, aStride, aSigned),
            aZeroPoints,
            b,
            workspace,
            pool);
    long rowScales = Addresses.of(aScales, 0, (long) rows * Float.BYTES);
    long columnScales = Addresses.of(bScales, 0, (long) b.n() * Float.BYTES);
    run(rows, staged, b, rowScales, columnScales, epilogue, c, cOffset, cStride, pool);
  }

  private StagedRows stage(
      StagedRows.Source source,
      MemorySegment zeroPoints,
      PackedQuantMatrix b,
      MemorySegment workspace,
      ComputePool pool) {
    boolean withSums = tiles.product() == Product.BYTES && hasZeroPoints(tiles, b);
    StagedRows.Filling filling = filling(source.rows(), source.k());
    return StagedRows.of(filling, source, zeroPoints, withSums, workspace, pool);
  }

  /** All blocks; without scales the integers are stored. */
  private void run(
      int rows,
      StagedRows a,
      PackedQuantMatrix b,
      long rowScales,
      long columnScales,
      Epilogue epilogue,
      MemorySegment c,
      long cOffset,
      int cStride,
      ComputePool pool) {
    Addresses.ofRows(c, cOffset, rows, cStride, b.n(), Float.BYTES);
    ProductBlocks blocks = new ProductBlocks(rows, b.k(), b.n(), tiles.panelColumns());
    long resultBytes = (long) rows * b.n() * Float.BYTES;
    ProductBlocks.Body body =
        (row, blockRows, column, columns) -> {
          Parameters parameters = Parameters.ofThread();
          long cAt = cOffset + (long) row * cStride + column;
          long extent = ((blockRows - 1L) * cStride + columns) * Float.BYTES;
          TileEpilogue.set(parameters, epilogue, column, columns, cAt * Float.BYTES, extent);
          parameters.set(TileSlots.PIECES, 1);
          parameters.set(AmxSlots.RESULT_BYTES, resultBytes);
          parameters.set(AmxSlots.IS_FIRST, row == 0 ? 1 : 0);
          parameters.set(TileSlots.MULTIPLIERS, 0);
          parameters.set(TileSlots.A_STRIDE, a.rowBytes());
          parameters.set(TileSlots.STEPS, tiles.product().steps(b.k()));
          parameters.set(TileSlots.C_STRIDE, (long) cStride * Float.BYTES);
          parameters.set(TileSlots.PANEL_STRIDE, tiles.panelBytes(b.k()));
          Block block =
              new Block(
                  row,
                  blockRows,
                  column,
                  columns,
                  a,
                  b,
                  rowScales,
                  columnScales,
                  parameters.get(TileSlots.BIAS),
                  parameters.get(TileSlots.RESIDUAL),
                  c.address() + cAt * Float.BYTES,
                  (long) cStride * Float.BYTES);
          AmxKernels many = onAmx(blockRows, b.k());
          block.run(tiles, many == null ? tiles : many, parameters);
          epilogues.activate(epilogue.activation(), blockRows, columns, c, cAt, cStride);
        };
    if (onAmx(rows, b.k()) == null) {
      blocks.forEach(pool, body);
    } else {
      blocks.forEach(AmxKernels.BLOCKS, pool, body);
    }
  }

  /** The tiles of a block; the last four are addresses and a stride in bytes. */
  private record Block(
      int firstRow,
      int rows,
      int firstColumn,
      int columns,
      StagedRows a,
      PackedQuantMatrix b,
      long rowScales,
      long columnScales,
      long bias,
      long residual,
      long c,
      long cStride) {

    void run(TileKernels tiles, PanelProducts products, Parameters parameters) {
      int width = tiles.panelColumns();
      int step = width * products.panelsFor(rows);
      long ofRow = (long) firstRow * Integer.BYTES;
      long sums = b.data().address() + tiles.panels(b.n()) * tiles.panelBytes(b.k());
      int column = 0;
      while (column < columns) {
        int left = columns - column;
        int count = left < width ? left : Math.min(step, left - left % width);
        long at = (long) column * Float.BYTES;
        long ofColumn = (long) firstColumn * Float.BYTES + at;
        long panel = (firstColumn + column) / width * tiles.panelBytes(b.k());
        parameters.set(TileSlots.B, b.data().address() + panel);
        parameters.set(TileSlots.BIAS, bias == 0 ? 0 : bias + at);
        parameters.set(TileSlots.COLUMN_SUMS, sums + ofColumn);
        parameters.set(TileSlots.COLUMN_ZEROS, b.zeroPoints().address() + ofColumn);
        parameters.set(TileSlots.COLUMN_SCALES, columnScales + ofColumn);
        parameters.set(TileSlots.A, a.rowsAddress() + firstRow * a.rowBytes());
        parameters.set(TileSlots.C, c + at);
        parameters.set(TileSlots.RESIDUAL, residual == 0 ? 0 : residual + at);
        parameters.set(TileSlots.ROW_ZEROS, a.zeros() + ofRow);
        parameters.set(TileSlots.ROW_SUMS, a.sums() == 0 ? 0 : a.sums() + ofRow);
        parameters.set(TileSlots.ROW_SCALES, rowScales == 0 ? 0 : rowScales + ofRow);
        products.run(rows, count, parameters);
        column += count;
      }
    }
  }
}
