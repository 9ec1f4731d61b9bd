package io.lockstep.runtime.kernel.jit;

import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import io.lockstep.runtime.kernel.ComputePool;
import io.lockstep.runtime.kernel.PackedQuantMatrix;
import io.lockstep.runtime.kernel.QuantWindowGemm;
import io.lockstep.runtime.kernel.Requantization;
import io.lockstep.runtime.kernel.WindowGemm.Windows;
import io.lockstep.runtime.kernel.jit.TileShape.Product;
import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * Products of windows of bytes on the tiles of {@link JitQuantGemm}, whose packed matrices they
 * take; for AVX-512, which stores the low bytes of a vector.
 */
final class JitQuantWindowGemm implements QuantWindowGemm {

  private final TileKernels tiles;

  /** Kernels on tiles of {@link Product#BYTES}. */
  JitQuantWindowGemm(TileKernels tiles) {
    this.tiles = tiles;
  }

  @Override
  public boolean takes(int pieceLength, PackedQuantMatrix b) {
    return pieceLength % Product.BYTES.depth() == 0 && !JitQuantGemm.hasZeroPoints(tiles, b);
  }

  @Override
  public long workspaceBytes(PackedQuantMatrix b) {
    return (long) b.n() * Integer.BYTES;
  }

  @Override
  public void windowsQ8(
      Windows windows,
      MemorySegment a,
      long aOffset,
      int aZeroPoint,
      PackedQuantMatrix b,
      Requantization requantization,
      MemorySegment workspace,
      MemorySegment c,
      long cOffset,
      int cStride,
      ComputePool pool) {
    int rowWidth = windows.columns();
    int all = Math.multiplyExact(windows.rows(), rowWidth);
    long aAddress = Addresses.of(a, aOffset, windows.extent());
    long cAddress = Addresses.ofRows(c, cOffset, all, cStride, b.n(), 1);
    long bAddress = Addresses.of(b.data(), 0, tiles.panels(b.n()) * tiles.panelBytes(b.k()));
    long wordBytes = (long) b.n() * Integer.BYTES;
    long multipliers = Addresses.of(requantization.multipliers(), 0, wordBytes);
    long offsets = Addresses.of(workspace, 0, wordBytes);
    setOffsets(b, aZeroPoint, requantization.bias(), workspace);
    WindowTiles loop = new WindowTiles(tiles, windows, 1, 1, cStride, b.k());
    ProductBlocks blocks = new ProductBlocks(all, b.k(), b.n(), tiles.panelColumns());
    blocks.forEachOfRows(
        rowWidth,
        pool,
        (row, rows, column, columns) -> {
          Parameters parameters = Parameters.ofThread();
          loop.set(parameters);
          TileEpilogue.set(parameters, requantization);
          parameters.set(TileSlots.MULTIPLIERS, multipliers + (long) column * Float.BYTES);
          parameters.set(TileSlots.OFFSETS, offsets + (long) column * Integer.BYTES);
          loop.run(
              parameters,
              0,
              windows.pieces(),
              rows,
              columns,
              aAddress + row * windows.rowStride(),
              bAddress + column / tiles.panelColumns() * tiles.panelBytes(b.k()),
              cAddress + (long) row * rowWidth * cStride + column,
              0,
              TileSlots.MULTIPLIERS,
              TileSlots.OFFSETS);
        });
  }

  /** What is added to the plain dot product of bytes: the bias less the share of zero points. */
  private static void setOffsets(
      PackedQuantMatrix b, int aZeroPoint, @Nullable MemorySegment bias, MemorySegment offsets) {
    for (int column = 0; column < b.n(); column++) {
      long at = (long) column * Integer.BYTES;
      int added = bias == null ? 0 : bias.get(JAVA_INT_UNALIGNED, at);
      int sum = b.columnSums().get(JAVA_INT_UNALIGNED, at);
      offsets.set(JAVA_INT_UNALIGNED, at, added - aZeroPoint * sum);
    }
  }
}
