package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.ConvGeometry;
import io.lockstep.runtime.kernel.WindowRow;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceArray;

/** The window kernels, each generated when it is first needed, and how a row is cut into calls. */
final class WindowKernels {

  /** Elements of windows in one call, which then takes well under 100 microseconds. */
  private static final long CALL = 1 << 19;

  /** Pixels of a tile, from the largest. */
  private static final int[] TILES = {8, 4, 2, 1};

  private final Isa isa;

  /** By tile, in the order of {@link #TILES}; null until needed. */
  private final Map<Isa, Map<WindowFold, AtomicReferenceArray<NativeKernel>>> kernels =
      new EnumMap<>(Isa.class);

  WindowKernels(Isa isa) {
    this.isa = isa;
    for (Isa used : Isa.values()) {
      Map<WindowFold, AtomicReferenceArray<NativeKernel>> ofIsa = new EnumMap<>(WindowFold.class);
      for (WindowFold fold : WindowFold.values()) {
        ofIsa.put(fold, new AtomicReferenceArray<>(TILES.length));
      }
      kernels.put(used, ofIsa);
    }
  }

  /**
   * Where the elements of a row of windows are.
   *
   * @param fold what becomes of them
   * @param x address of the image, elements [height, width, channels]
   * @param weights address of 32-bit elements [kernelHeight, kernelWidth, channels]; 0 for none
   * @param y address of the row of results [outputWidth, channels]
   */
  record Row(WindowRow window, WindowFold fold, long x, long weights, long y) {}

  /** Whether there are channels enough for a vector, and taps few enough for a call. */
  static boolean takes(ConvGeometry g) {
    long windows = (long) g.channels() * g.kernelHeight() * g.kernelWidth();
    return g.channels() >= Isa.AVX2.lanes() && windows <= CALL;
  }

  /** Of the windows from a column on, how many can be folded alike. */
  static int alike(WindowRow window, int column) {
    return Math.max(1, window.countInside(column));
  }

  /**
   * Folds windows that are alike; the slots of the fold's number and of the epilogue are set.
   *
   * @param column the first output column
   * @param residual address of floats laid out as y is, or 0
   */
  void run(Row row, int column, int count, long residual, Parameters parameters) {
    ConvGeometry g = row.window.geometry();
    Isa used = g.channels() >= isa.lanes() ? isa : Isa.AVX2;
    set(row, column, used, parameters);
    int elementBytes = row.fold.elementBytes();
    long windows = (long) g.channels() * g.kernelHeight() * g.kernelWidth();
    long pixelBytes = (long) g.channels() * row.fold.resultBytes();
    long pixelStep = (long) g.strideWidth() * g.channels() * elementBytes;
    long x = firstTap(row, column);
    int done = 0;
    while (done < count) {
      int kind = kind(count - done, windows);
      int pixels = TILES[kind];
      long tiles = Math.min((count - done) / pixels, Math.max(1, CALL / (windows * pixels)));
      long yByte = (column + done) * pixelBytes;
      parameters.set(WindowSlots.X, x + done * pixelStep);
      parameters.set(WindowSlots.Y, row.y + yByte);
      parameters.set(TileSlots.RESIDUAL, residual == 0 ? 0 : residual + yByte);
      parameters.set(WindowSlots.TILES, tiles);
      parameters.set(WindowSlots.X_TILE, pixels * pixelStep);
      parameters.set(WindowSlots.Y_TILE, pixels * pixelBytes);
      kernel(used, row.fold, kind).call(parameters);
      done += (int) tiles * pixels;
    }
  }

  /** The largest tile that there are pixels for and that one call may compute. */
  private static int kind(int pixels, long windows) {
    int kind = 0;
    while (TILES[kind] > 1 && (TILES[kind] > pixels || TILES[kind] * windows > CALL)) {
      kind++;
    }
    return kind;
  }

  /** Sets what the windows have in common. */
  private static void set(Row row, int column, Isa used, Parameters parameters) {
    WindowRow window = row.window;
    ConvGeometry g = window.geometry();
    int lines = window.lastTap() - window.firstTap();
    int taps = window.lastTap(column) - window.firstTap(column);
    int elementBytes = row.fold.elementBytes();
    long pixelBytes = (long) g.channels() * elementBytes;
    long rowBytes = (long) g.channels() * Float.BYTES;
    long weightsLine = g.kernelWidth() * rowBytes;
    parameters.set(WindowSlots.PIXEL_STEP, g.strideWidth() * pixelBytes);
    parameters.set(WindowSlots.TAP_STEP, g.dilationWidth() * pixelBytes);
    parameters.set(WindowSlots.LINE_STEP, (long) g.dilationHeight() * g.width() * pixelBytes);
    parameters.set(
        WindowSlots.WEIGHTS,
        row.weights + window.firstTap() * weightsLine + window.firstTap(column) * rowBytes);
    parameters.set(WindowSlots.WEIGHTS_LINE, row.weights == 0 ? 0 : weightsLine);
    parameters.set(WindowSlots.CHANNELS, rowBytes);
    parameters.set(WindowSlots.Y_PIXEL, (long) g.channels() * row.fold.resultBytes());
    parameters.set(WindowSlots.LINES, taps > 0 ? lines : 0);
    parameters.set(WindowSlots.TAPS, taps);
    parameters.set(WindowSlots.LAST_VECTOR, (long) (g.channels() - used.lanes()) * elementBytes);
    float initial = row.fold == WindowFold.MAXIMUM ? Float.NEGATIVE_INFINITY : 0;
    parameters.set(WindowSlots.INITIAL, initial, 0);
    parameters.set(WindowSlots.LOW_WORD, 0xffff);
  }

  /** The address of the first tap inside the image. */
  private static long firstTap(Row row, int column) {
    WindowRow window = row.window;
    ConvGeometry g = window.geometry();
    long pixel = window.pixel(window.firstTap(), column, window.firstTap(column));
    return row.x + pixel * g.channels() * row.fold.elementBytes();
  }

  private NativeKernel kernel(Isa used, WindowFold fold, int kind) {
    AtomicReferenceArray<NativeKernel> tiles =
        Objects.requireNonNull(Objects.requireNonNull(kernels.get(used)).get(fold));
    NativeKernel kernel = tiles.get(kind);
    if (kernel == null) {
      kernel = WindowGenerator.generate(used, fold, TILES[kind]);
      tiles.set(kind, kernel);
    }
    return kernel;
  }
}
