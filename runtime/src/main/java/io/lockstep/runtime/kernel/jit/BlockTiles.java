package io.lockstep.runtime.kernel.jit;

import java.util.concurrent.atomic.AtomicReferenceArray;

/** The kernels of one format, generated when they are first needed. */
final class BlockTiles {

  private final BlockPanels format;
  private final BlockRowStage stage;

  /** By rows and panels. */
  private final AtomicReferenceArray<NativeKernel> kernels =
      new AtomicReferenceArray<>(2 * (BlockTileGenerator.MOST_RESULTS + 1));

  BlockTiles(BlockPanels format) {
    this.format = format;
    this.stage = new BlockRowStage(format);
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
      kernel = new BlockTileGenerator(format, rows, panels).generate();
      kernels.set(index, kernel);
    }
    return kernel;
  }
}
