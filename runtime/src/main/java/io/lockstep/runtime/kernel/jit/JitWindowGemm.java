package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.ComputePool;
import io.lockstep.runtime.kernel.Epilogue;
import io.lockstep.runtime.kernel.PackedMatrix;
import io.lockstep.runtime.kernel.WindowGemm;
import java.lang.foreign.MemorySegment;

/**
 * Products of windows on the tiles of {@link JitGemm}, whose packed matrices they take. A tile has
 * neighbours of one row of windows.
 */
final class JitWindowGemm implements WindowGemm {

  private final TileKernels tiles;
  private final TileEpilogue epilogues;

  JitWindowGemm(TileKernels tiles, TileEpilogue epilogues) {
    this.tiles = tiles;
    this.epilogues = epilogues;
  }

  @Override
  public void windowsF32(
      Windows windows,
      MemorySegment a,
      long aOffset,
      PackedMatrix b,
      Epilogue epilogue,
      MemorySegment c,
      long cOffset,
      int cStride,
      ComputePool pool) {
    int rowWidth = windows.columns();
    long aAddress = Addresses.of(a, aOffset * Float.BYTES, windows.extent() * Float.BYTES);
    Addresses.ofRows(c, cOffset, windows.rows() * rowWidth, cStride, b.n(), Float.BYTES);
    ProductBlocks blocks =
        new ProductBlocks(windows.rows() * rowWidth, b.k(), b.n(), tiles.panelColumns());
    blocks.forEachOfRows(
        rowWidth,
        pool,
        (row, rows, column, columns) -> {
          long cAt = cOffset + (long) row * rowWidth * cStride + column;
          long panel = column / tiles.panelColumns() * tiles.panelBytes(b.k());
          Parameters parameters = Parameters.ofThread();
          long cByte = cAt * Float.BYTES;
          long extent = (((long) rows * rowWidth - 1) * cStride + columns) * Float.BYTES;
          TileEpilogue.set(parameters, epilogue, column, columns, cByte, extent);
          parameters.set(TileSlots.A_STRIDE, (long) windows.columnStride() * Float.BYTES);
          parameters.set(TileSlots.C_STRIDE, (long) cStride * Float.BYTES);
          parameters.set(TileSlots.PANEL_STRIDE, tiles.panelBytes(b.k()));
          parameters.set(TileSlots.SCALES, 0);
          parameters.set(TileSlots.STEPS, windows.pieceLength());
          int skip = windows.pieceStride() - windows.pieceLength();
          parameters.set(TileSlots.PIECE_SKIP, (long) skip * Float.BYTES);
          Block block =
              new Block(
                  windows,
                  rows,
                  columns,
                  (long) cStride * Float.BYTES,
                  tiles.panelBytes(b.k()),
                  parameters.get(TileSlots.BIAS),
                  parameters.get(TileSlots.RESIDUAL));
          long aRow = aAddress + row * windows.rowStride() * Float.BYTES;
          block.run(tiles, parameters, aRow, Addresses.of(b.data(), panel, 0), c.address() + cByte);
          epilogues.activate(epilogue.activation(), rows * rowWidth, columns, c, cAt, cStride);
        });
  }

  /** The tiles of some rows of windows and some columns; strides in bytes. */
  private record Block(
      Windows windows,
      int rows,
      int columns,
      long cStride,
      long panelBytes,
      long bias,
      long residual) {

    void run(TileKernels tiles, Parameters parameters, long a, long b, long c) {
      int mostPieces = Math.max(1, JitGemm.MOST_K / windows.pieceLength());
      long pieceOfB = (long) windows.pieceLength() * tiles.panelColumns() * Float.BYTES;
      for (int piece = 0; piece < windows.pieces(); piece += mostPieces) {
        int pieces = Math.min(mostPieces, windows.pieces() - piece);
        parameters.set(TileSlots.PIECES, pieces);
        parameters.set(TileSlots.CONTINUES, piece);
        parameters.set(TileSlots.ENDS, piece + pieces == windows.pieces() ? 1 : 0);
        long aPiece = a + (long) piece * windows.pieceStride() * Float.BYTES;
        panels(tiles, parameters, aPiece, b + piece * pieceOfB, c);
      }
    }

    private void panels(TileKernels tiles, Parameters parameters, long a, long b, long c) {
      int width = tiles.panelColumns();
      int tileRows = tiles.tileRows(windows.columns());
      int step = width * TileShape.panelsFor(tiles.isa(), tileRows);
      int column = 0;
      while (column < columns) {
        int count = columns - column >= step ? step : Math.min(width, columns - column);
        long at = (long) column * Float.BYTES;
        parameters.set(TileSlots.B, b + column / width * panelBytes);
        parameters.set(TileSlots.BIAS, bias == 0 ? 0 : bias + at);
        for (int row = 0; row < rows; row++) {
          rowOfWindows(tiles, parameters, tileRows, count, a, c, row, at);
        }
        column += count;
      }
    }

    private void rowOfWindows(
        TileKernels tiles,
        Parameters parameters,
        int tileRows,
        int count,
        long a,
        long c,
        int row,
        long at) {
      long aRow = a + row * windows.rowStride() * Float.BYTES;
      for (int window = 0; window < windows.columns(); window += tileRows) {
        long cByte = ((long) row * windows.columns() + window) * cStride + at;
        parameters.set(TileSlots.A, aRow + (long) window * windows.columnStride() * Float.BYTES);
        parameters.set(TileSlots.C, c + cByte);
        parameters.set(TileSlots.RESIDUAL, residual == 0 ? 0 : residual + cByte);
        tiles.run(Math.min(tileRows, windows.columns() - window), count, parameters);
      }
    }
  }
}
