package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.WindowGemm.Windows;

/**
 * The tiles of a block of windows; a tile has neighbours of one row of windows.
 *
 * @param aBytes bytes of an element of a
 * @param cBytes bytes of an element of c
 * @param cStride bytes from a window's results to the next one's
 * @param k reduction length
 */
record WindowTiles(
    TileKernels tiles, Windows windows, int aBytes, int cBytes, long cStride, int k) {

  /** Sets the slots that all blocks share. */
  void set(Parameters parameters) {
    int skip = windows.pieceStride() - windows.pieceLength();
    parameters.set(TileSlots.A_STRIDE, (long) windows.columnStride() * aBytes);
    parameters.set(TileSlots.C_STRIDE, cStride);
    parameters.set(TileSlots.PANEL_STRIDE, tiles.panelBytes(k));
    parameters.set(TileSlots.STEPS, tiles.product().steps(windows.pieceLength()));
    parameters.set(TileSlots.PIECE_SKIP, (long) skip * aBytes);
    long line = (long) windows.linePieces() * windows.pieceStride();
    parameters.set(TileSlots.LINE_SKIP, (windows.lineStride() - line) * aBytes);
    parameters.set(TileSlots.LINE_PIECES, windows.linePieces());
  }

  /**
   * Computes part of the reduction of some rows of windows and some columns.
   *
   * @param firstPiece of the windows
   * @param pieces how many
   * @param a address of the first window
   * @param b address of the first panel
   * @param c address of the first result
   * @param residual address of what belongs to the first result, or 0
   * @param ofColumns slots with the address of a word per column, or 0
   */
  void run(
      Parameters parameters,
      int firstPiece,
      int pieces,
      int rows,
      int columns,
      long a,
      long b,
      long c,
      long residual,
      int... ofColumns) {
    int width = tiles.panelColumns();
    int step = width * TileShape.panelsFor(tiles.isa(), tiles.tileRows(windows.columns()));
    long pieceOfB =
        (long) tiles.product().steps(windows.pieceLength()) * width * Integer.BYTES * firstPiece;
    long aPiece = a + windows.pieceStart(firstPiece) * aBytes;
    parameters.set(TileSlots.PIECES, pieces);
    parameters.set(TileSlots.LINE_START, windows.linePieces() - firstPiece % windows.linePieces());
    int count;
    for (int column = 0; column < columns; column += count) {
      count = columns - column >= step ? step : Math.min(width, columns - column);
      parameters.set(TileSlots.B, b + pieceOfB + column / width * tiles.panelBytes(k));
      tiles.startPanels(count, parameters);
      for (int row = 0; row < rows; row++) {
        rowOfWindows(parameters, count, rows, aPiece, c, residual, row, column);
      }
      for (int slot : ofColumns) {
        long address = parameters.get(slot);
        parameters.set(slot, address == 0 ? 0 : address + (long) count * Integer.BYTES);
      }
    }
    for (int slot : ofColumns) {
      long address = parameters.get(slot);
      parameters.set(slot, address == 0 ? 0 : address - (long) columns * Integer.BYTES);
    }
  }

  private void rowOfWindows(
      Parameters parameters,
      int count,
      int rows,
      long a,
      long c,
      long residual,
      int row,
      int column) {
    long aRow = a + row * windows.rowStride() * aBytes;
    long cByte = (long) row * windows.columns() * cStride + (long) column * cBytes;
    parameters.set(TileSlots.A, aRow);
    parameters.set(TileSlots.C, c + cByte);
    parameters.set(TileSlots.RESIDUAL, residual == 0 ? 0 : residual + cByte);
    int tilesOfRow = Math.ceilDiv(windows.columns(), tiles.tileRows(windows.columns()));
    tiles.run(windows.columns(), count, rows * tilesOfRow, parameters);
  }
}
