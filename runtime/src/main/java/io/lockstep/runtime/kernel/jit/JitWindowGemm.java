package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.ComputePool;
import io.lockstep.runtime.kernel.Epilogue;
import io.lockstep.runtime.kernel.PackedMatrix;
import io.lockstep.runtime.kernel.WindowGemm;
import java.lang.foreign.MemorySegment;

/** Products of windows on the tiles of {@link JitGemm}, whose packed matrices they take. */
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
    int all = Math.multiplyExact(windows.rows(), rowWidth);
    long aAddress = Addresses.of(a, aOffset * Float.BYTES, windows.extent() * Float.BYTES);
    Addresses.ofRows(c, cOffset, all, cStride, b.n(), Float.BYTES);
    WindowTiles loop =
        new WindowTiles(
            tiles, windows, Float.BYTES, Float.BYTES, (long) cStride * Float.BYTES, b.k());
    int mostPieces = Math.max(1, JitGemm.MOST_K / windows.pieceLength());
    ProductBlocks blocks = new ProductBlocks(all, b.k(), b.n(), tiles.panelColumns());
    blocks.forEachOfRows(
        rowWidth,
        pool,
        (row, rows, column, columns) -> {
          long cAt = cOffset + (long) row * rowWidth * cStride + column;
          long cByte = cAt * Float.BYTES;
          long extent = (((long) rows * rowWidth - 1) * cStride + columns) * Float.BYTES;
          long panel = column / tiles.panelColumns() * tiles.panelBytes(b.k());
          Parameters parameters = Parameters.ofThread();
          TileEpilogue.set(parameters, epilogue, column, columns, cByte, extent);
          long residual = parameters.get(TileSlots.RESIDUAL);
          parameters.set(TileSlots.SCALES, 0);
          loop.set(parameters);
          for (int piece = 0; piece < windows.pieces(); piece += mostPieces) {
            int pieces = Math.min(mostPieces, windows.pieces() - piece);
            parameters.set(TileSlots.CONTINUES, piece);
            parameters.set(TileSlots.ENDS, piece + pieces == windows.pieces() ? 1 : 0);
            loop.run(
                parameters,
                piece,
                pieces,
                rows,
                columns,
                aAddress + row * windows.rowStride() * Float.BYTES,
                Addresses.of(b.data(), panel, 0),
                c.address() + cByte,
                residual,
                TileSlots.BIAS);
          }
          epilogues.activate(epilogue.activation(), rows * rowWidth, columns, c, cAt, cStride);
        });
  }
}
