package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.jit.TileShape.Product;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** The kernels of one format, generated when they are first needed. */
final class BlockTiles {

  private final BlockPanels format;
  private final Isa isa;
  private final Product product;
  private final BlockRowStage stage;

  /** By rows and panels. */
  private final AtomicReferenceArray<NativeKernel> kernels =
      new AtomicReferenceArray<>(2 * (BlockTileGenerator.MOST_RESULTS + 1));

  /**
   * Kernels for one instruction set.
   *
   * @param product how dot products of bytes are computed
   */
  BlockTiles(Isa isa, Product product, BlockPanels format) {
    this.isa = isa;
    this.product = product;
    this.format = format;
    this.stage = new BlockRowStage(isa, format);
  }

  /** Rows of a tile for which the registers suffice. */
  int mostRows(int panels) {
    return BlockTileGenerator.mostRows(isa, product, format, panels);
  }

  /** Panels of a tile when there are rows enough. */
  int mostPanels() {
    return BlockTileGenerator.mostPanels(isa, format);
  }

  BlockPanels format() {
    return format;
  }

  BlockRowStage stage() {
    return stage;
  }

  /** The product of a tile of {@code rows} rows and {@code panels} panels. */
  NativeKernel product(int rows, int panels) {
    int index = 2 * rows + panels - 1;
    NativeKernel kernel = kernels.get(index);
    if (kernel == null) {
      kernel = new BlockTileGenerator(isa, product, format, rows, panels).generate();
      kernels.set(index, kernel);
    }
    return kernel;
  }
}
