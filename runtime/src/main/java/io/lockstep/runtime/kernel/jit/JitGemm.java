package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.ComputePool;
import io.lockstep.runtime.kernel.Epilogue;
import io.lockstep.runtime.kernel.Gemm;
import io.lockstep.runtime.kernel.PackedMatrix;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorArena;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Products of floats on emitted tiles. Packed: panels of columns one behind the other, each [k,
 * panel columns] and filled up with zeros.
 */
final class JitGemm implements Gemm {

  /** Rows of a panel up to which a tile of a stays in the cache next to it. */
  static final int MOST_K = 1536;

  private final TileKernels tiles;
  private final TileEpilogue epilogues;
  private final PanelPacker packer;

  JitGemm(TileKernels tiles, TileEpilogue epilogues) {
    this.tiles = tiles;
    this.epilogues = epilogues;
    this.packer = new PanelPacker(tiles.isa());
  }

  @Override
  public PackedMatrix pack(Tensor b, boolean transposed, TensorArena owner) {
    int k = b.shape().extent(transposed ? 1 : 0);
    int n = b.shape().extent(transposed ? 0 : 1);
    int width = tiles.panelColumns();
    MemorySegment data = owner.allocateBytes(tiles.panels(n) * tiles.panelBytes(k));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment scratch = arena.allocate(Math.max(1, packer.scratchBytes(k)), Float.BYTES);
      for (int panel = 0; panel < tiles.panels(n); panel++) {
        int columns = Math.min(width, n - panel * width);
        long from = (long) panel * width * (transposed ? k : 1);
        long to = panel * tiles.panelBytes(k);
        packer.pack(
            b.segment(), from, transposed ? k : n, transposed, k, columns, data, to, scratch);
      }
    }
    return new PackedMatrix(k, n, data);
  }

  @Override
  public void gemmF32(
      int rows,
      MemorySegment a,
      long aOffset,
      int aStride,
      PackedMatrix b,
      Epilogue epilogue,
      MemorySegment c,
      long cOffset,
      int cStride,
      ComputePool pool) {
    Addresses.ofRows(a, aOffset, rows, aStride, b.k(), Float.BYTES);
    Addresses.ofRows(c, cOffset, rows, cStride, b.n(), Float.BYTES);
    ProductBlocks blocks = new ProductBlocks(rows, b.k(), b.n(), tiles.panelColumns());
    blocks.forEach(
        pool,
        (row, blockRows, column, columns) -> {
          long cAt = cOffset + (long) row * cStride + column;
          long aByte = (aOffset + (long) row * aStride) * Float.BYTES;
          long panel = column / tiles.panelColumns() * tiles.panelBytes(b.k());
          long bAddress = Addresses.of(b.data(), panel, 0);
          block(
              blockRows,
              b.k(),
              column,
              columns,
              a.address() + aByte,
              aStride,
              bAddress,
              1,
              epilogue,
              c,
              cAt,
              cStride);
        });
  }

  /** A block of the result. */
  private void block(
      int rows,
      int k,
      int column,
      int columns,
      long a,
      int aStride,
      long b,
      float alpha,
      Epilogue epilogue,
      MemorySegment c,
      long cAt,
      int cStride) {
    Parameters parameters = Parameters.ofThread();
    long cByte = cAt * Float.BYTES;
    long extent = ((rows - 1L) * cStride + columns) * Float.BYTES;
    TileEpilogue.set(parameters, epilogue, column, columns, cByte, extent);
    parameters.set(TileSlots.A_STRIDE, (long) aStride * Float.BYTES);
    parameters.set(TileSlots.C_STRIDE, (long) cStride * Float.BYTES);
    parameters.set(TileSlots.PANEL_STRIDE, tiles.panelBytes(k));
    parameters.set(TileSlots.PIECES, 1);
    parameters.set(TileSlots.SCALES, alpha == 1 ? 0 : 1);
    parameters.set(TileSlots.ALPHA, alpha, 0);
    Block block =
        new Block(
            rows,
            columns,
            (long) aStride * Float.BYTES,
            (long) cStride * Float.BYTES,
            tiles.panelBytes(k),
            parameters.get(TileSlots.BIAS),
            parameters.get(TileSlots.RESIDUAL));
    int parts = Math.max(1, Math.ceilDiv(k, MOST_K));
    for (int part = 0; part < parts; part++) {
      int first = (int) ((long) k * part / parts);
      int last = (int) ((long) k * (part + 1) / parts);
      parameters.set(TileSlots.STEPS, last - first);
      parameters.set(TileSlots.CONTINUES, part);
      parameters.set(TileSlots.ENDS, part + 1 == parts ? 1 : 0);
      long rowOfB = (long) first * tiles.panelColumns() * Float.BYTES;
      block.run(tiles, parameters, a + (long) first * Float.BYTES, b + rowOfB, c.address() + cByte);
    }
    epilogues.activate(epilogue.activation(), rows, columns, c, cAt, cStride);
  }

  /** The tiles of a block; strides in bytes. */
  private record Block(
      int rows,
      int columns,
      long aStride,
      long cStride,
      long panelBytes,
      long bias,
      long residual) {

    void run(TileKernels tiles, Parameters parameters, long a, long b, long c) {
      int width = tiles.panelColumns();
      int step = width * TileShape.panelsFor(tiles.isa(), tiles.tileRows(rows));
      int column = 0;
      while (column < columns) {
        int count = columns - column >= step ? step : Math.min(width, columns - column);
        long at = (long) column * Float.BYTES;
        parameters.set(TileSlots.B, b + column / width * panelBytes);
        parameters.set(TileSlots.BIAS, bias == 0 ? 0 : bias + at);
        parameters.set(TileSlots.A, a);
        parameters.set(TileSlots.C, c + at);
        parameters.set(TileSlots.RESIDUAL, residual == 0 ? 0 : residual + at);
        tiles.run(rows, count, parameters);
        column += count;
      }
    }
  }

  @Override
  public void matmulF32(
      MatmulShape shape,
      MemorySegment a,
      long aOffset,
      int aStride,
      MemorySegment b,
      long bOffset,
      int bStride,
      float alpha,
      Epilogue epilogue,
      MemorySegment workspace,
      long workspaceOffsetBytes,
      MemorySegment c,
      long cOffset,
      int cStride) {
    int k = shape.k();
    int width = tiles.panelColumns();
    long aAddress = Addresses.ofRows(a, aOffset, shape.rows(), aStride, k, Float.BYTES);
    Addresses.ofRows(c, cOffset, shape.rows(), cStride, shape.n(), Float.BYTES);
    if (shape.rows() == 0) {
      return;
    }
    MemorySegment panel = workspace.asSlice(workspaceOffsetBytes, tiles.panelBytes(k));
    MemorySegment scratch =
        workspace.asSlice(workspaceOffsetBytes + tiles.panelBytes(k), packer.scratchBytes(k));
    for (int column = 0; column < shape.n(); column += width) {
      int columns = Math.min(width, shape.n() - column);
      long from = bOffset + (long) column * (shape.transposedB() ? bStride : 1);
      packer.pack(b, from, bStride, shape.transposedB(), k, columns, panel, 0, scratch);
      block(
          shape.rows(),
          k,
          column,
          columns,
          aAddress,
          aStride,
          panel.address(),
          alpha,
          epilogue,
          c,
          cOffset + column,
          cStride);
    }
  }

  @Override
  public long matmulWorkspaceBytes(MatmulShape shape) {
    return tiles.panelBytes(shape.k()) + packer.scratchBytes(shape.k());
  }
}
