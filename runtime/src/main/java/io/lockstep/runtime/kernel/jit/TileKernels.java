package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.jit.TileShape.Product;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** The tile kernels of one element type, each generated when it is first needed. */
final class TileKernels {

  private static final int MOST_ROWS = 16;
  private static final int MOST_PANELS = 4;

  private final Isa isa;
  private final Product product;
  private final AtomicReferenceArray<NativeKernel> kernels =
      new AtomicReferenceArray<>(MOST_ROWS * (MOST_PANELS + 1) * 4 * (TileShape.MOST_FETCHED + 1));

  private final ConstantPool pool;

  TileKernels(Isa isa, Product product) {
    this.isa = isa;
    this.product = product;
    this.pool = new ConstantPool(isa, List.of());
  }

  Isa isa() {
    return isa;
  }

  Product product() {
    return product;
  }

  /** Columns of a panel. */
  int panelColumns() {
    return TileShape.PANEL_VECTORS * isa.lanes();
  }

  /** Panels of a matrix of so many columns. */
  int panels(int n) {
    return Math.ceilDiv(n, panelColumns());
  }

  /** Bytes of one panel of a matrix of k rows. */
  long panelBytes(int k) {
    return (long) product.steps(k) * panelColumns() * Float.BYTES;
  }

  /**
   * Runs all tiles of some panels, below each other; all slots but the mask and those of {@link
   * TileSlots#TILES} and {@link TileSlots#FETCH} are set, for the first row.
   *
   * @param rows of all tiles
   * @param columns columns of the tiles: whole panels, or any number within one
   */
  void run(int rows, int columns, Parameters parameters) {
    startPanels(columns, parameters);
    run(rows, columns, Math.ceilDiv(rows, tileRows(rows)), parameters);
  }

  /** Lets the tiles that follow fetch what lies behind the panels of so many columns. */
  void startPanels(int columns, Parameters parameters) {
    long bytes = panels(columns) * parameters.get(TileSlots.PANEL_STRIDE);
    parameters.set(TileSlots.FETCH, parameters.get(TileSlots.B) + bytes);
  }

  /**
   * Runs some of the tiles of panels that were started.
   *
   * @param tiles of the panels, all together
   */
  void run(int rows, int columns, int tiles, Parameters parameters) {
    int tileRows = tileRows(rows);
    parameters.set(TileSlots.A_TILE, tileRows * parameters.get(TileSlots.A_STRIDE));
    parameters.set(TileSlots.C_TILE, tileRows * parameters.get(TileSlots.C_STRIDE));
    int panels = Math.max(1, columns / panelColumns());
    int fetched = TileShape.fetchedLines(isa, panels, tiles);
    run(rows / tileRows, tileRows, columns, fetched, parameters);
    if (rows % tileRows != 0) {
      run(1, rows % tileRows, columns, fetched, parameters);
    }
  }

  private void run(int count, int rows, int columns, int fetched, Parameters parameters) {
    parameters.set(TileSlots.TILES, count);
    int whole = panelColumns();
    int lanes = isa.lanes();
    int panels = Math.max(1, columns / whole);
    int vectors = columns >= whole ? TileShape.PANEL_VECTORS : Math.ceilDiv(columns, lanes);
    int last = columns % lanes;
    if (last != 0) {
      parameters.set(TileSlots.MASK, pool.mask(last));
    }
    kernel(new TileShape(product, rows, panels, vectors, last != 0, fetched)).call(parameters);
  }

  private NativeKernel kernel(TileShape shape) {
    int index = (shape.rows() * (MOST_PANELS + 1) + shape.panels()) * 2 + shape.vectors() - 1;
    index = index * 2 + (shape.isMasked() ? 1 : 0);
    index = index * (TileShape.MOST_FETCHED + 1) + shape.fetchedLines();
    NativeKernel kernel = kernels.get(index);
    if (kernel == null) {
      kernel = new NativeKernel(TileGenerator.generate(isa, shape));
      kernels.set(index, kernel);
    }
    return kernel;
  }

  /** Lets a kernel run over the largest tiles that cover {@code rows}, as equal as can be. */
  int tileRows(int rows) {
    int tiles = Math.ceilDiv(rows, TileShape.mostRows(isa));
    return Math.max(1, Math.ceilDiv(rows, Math.max(1, tiles)));
  }
}
