package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.jit.TileShape.Product;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** The tile kernels of one element type, each generated when it is first needed. */
final class TileKernels implements PanelProducts {

  private static final int MOST_ROWS = 16;
  private static final int MOST_PANELS = 4;

  /** Ways of fetching, and finishing. */
  private static final int KINDS = TileShape.MOST_FETCHED + 3;

  private final Isa isa;
  private final Product product;
  private final int depthMultiple;
  private final boolean fetches;
  private final AtomicReferenceArray<NativeKernel> kernels =
      new AtomicReferenceArray<>(MOST_ROWS * (MOST_PANELS + 1) * 4 * KINDS);

  private final ConstantPool pool;

  /**
   * Kernels of some instructions.
   *
   * @param depthMultiple what the reduction is filled up to in panels, for others that read them
   * @param fetches whether weights are fetched ahead for few rows, too
   */
  TileKernels(Isa isa, Product product, int depthMultiple, boolean fetches) {
    this.isa = isa;
    this.product = product;
    this.depthMultiple = depthMultiple;
    this.fetches = fetches;
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

  @Override
  public int panelsFor(int rows) {
    return TileShape.panelsFor(isa, tileRows(rows));
  }

  /** Panels of a matrix of so many columns. */
  int panels(int n) {
    return Math.ceilDiv(n, panelColumns());
  }

  /** Bytes of one panel of a matrix of k rows. */
  long panelBytes(int k) {
    int filled = Math.ceilDiv(k, depthMultiple) * depthMultiple;
    return (long) product.steps(filled) * panelColumns() * Float.BYTES;
  }

  /**
   * Runs all tiles of some panels, below each other; all slots but the mask and those of {@link
   * TileSlots#TILES} and {@link TileSlots#FETCH} are set, for the first row.
   *
   * @param rows of all tiles
   * @param columns columns of the tiles: whole panels, or any number within one
   */
  @Override
  public void run(int rows, int columns, Parameters parameters) {
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
    boolean isLeftAlone = !fetches && rows <= TileShape.fewRows(product);
    int fetched = isLeftAlone ? TileShape.UNFETCHED : TileShape.fetchedLines(isa, panels, tiles);
    run(rows / tileRows, tileRows, columns, fetched, parameters);
    if (rows % tileRows != 0) {
      run(1, rows % tileRows, columns, fetched, parameters);
    }
  }

  private void run(int count, int rows, int columns, int fetched, Parameters parameters) {
    parameters.set(TileSlots.TILES, count);
    kernel(rows, columns, fetched, false, parameters).call(parameters);
  }

  /**
   * The kernel that finishes tiles whose sums are there already; sets the mask.
   *
   * @param columns at most those of one panel
   */
  NativeKernel finishing(int rows, int columns, Parameters parameters) {
    return kernel(rows, columns, TileShape.UNFETCHED, true, parameters);
  }

  private NativeKernel kernel(
      int rows, int columns, int fetched, boolean hasSums, Parameters parameters) {
    int whole = panelColumns();
    int lanes = isa.lanes();
    int panels = Math.max(1, columns / whole);
    int vectors = columns >= whole ? TileShape.PANEL_VECTORS : Math.ceilDiv(columns, lanes);
    int last = columns % lanes;
    if (last != 0) {
      parameters.set(TileSlots.MASK, pool.mask(last));
    }
    return kernel(new TileShape(product, rows, panels, vectors, last != 0, fetched, hasSums));
  }

  private NativeKernel kernel(TileShape shape) {
    int index = (shape.rows() * (MOST_PANELS + 1) + shape.panels()) * 2 + shape.vectors() - 1;
    index = index * 2 + (shape.isMasked() ? 1 : 0);
    int kind = shape.hasSums() ? KINDS - 1 : shape.fetchedLines() - TileShape.UNFETCHED;
    index = index * KINDS + kind;
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
