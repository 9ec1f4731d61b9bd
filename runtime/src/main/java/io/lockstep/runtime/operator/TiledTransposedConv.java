package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.graph.RunContext;
import io.lockstep.runtime.kernel.Activation;
import io.lockstep.runtime.kernel.ComputePool;
import io.lockstep.runtime.kernel.Epilogue;
import io.lockstep.runtime.kernel.Gemm;
import io.lockstep.runtime.kernel.PackedMatrix;
import io.lockstep.runtime.kernel.SlotLoop;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Transposed convolutions of float images whose windows lie side by side, so that nothing is added
 * up: the product of a row of pixels with one row of the kernel is a row of the result as it
 * stands. Images enter and leave with their channels first or last; those that are turned go
 * through memory that stays in the cache, some rows at a time.
 *
 * <p>An output element has the bits that {@link TransposedConv} gives it.
 */
final class TiledTransposedConv {

  /** Results of a band; the second-level cache has room for them beside weights. */
  private static final long BAND_BYTES = 192 << 10;

  /** Multiplications that are worth another thread. */
  private static final long THREAD_WORK = 400_000;

  private final Window window;
  private final int images;
  private final int channels;
  private final int filters;
  private final boolean fromPlanes;
  private final boolean toPlanes;
  private final int bandRows;

  /**
   * A transposed convolution that {@link #takes} says it covers.
   *
   * @param window of the convolution that is transposed
   * @param from layout of x
   * @param to layout of y
   */
  TiledTransposedConv(
      Window window, int images, int channels, int filters, ImageLayout from, ImageLayout to) {
    this.window = window;
    this.images = images;
    this.channels = channels;
    this.filters = filters;
    this.fromPlanes = from == ImageLayout.CHANNELS_FIRST;
    this.toPlanes = to == ImageLayout.CHANNELS_FIRST;
    long row = (long) width() * window.kernelSize() * filters * Float.BYTES;
    this.bandRows = Math.clamp(BAND_BYTES / Math.max(1, row), 1, Math.max(1, height()));
  }

  /** Whether windows lie side by side, in rows that can be cut into bands. */
  static boolean takes(Window window, int groups) {
    return groups == 1
        && window.height.output() > 1
        && isTiled(window.height)
        && isTiled(window.width);
  }

  private static boolean isTiled(Window.Axis axis) {
    return axis.kernel() == axis.stride()
        && axis.dilation() == 1
        && axis.padBegin() == 0
        && axis.input() == axis.output() * axis.stride();
  }

  private int height() {
    return window.height.output();
  }

  private int width() {
    return window.width.output();
  }

  /** Filters of all columns of the kernel. */
  private int columns() {
    return window.width.kernel() * filters;
  }

  PreparedOperator prepared(PrepareContext context) {
    Gemm gemm = context.kernels().gemm();
    List<PackedMatrix> packed =
        context.packed(1, "tiled-transposed-conv", (weights, owner) -> pack(gemm, weights, owner));
    int threads = Runtime.getRuntime().availableProcessors();
    return PreparedOperator.withWorkspace(
        biasBytes() + threads * bandBytes(),
        (in, out, run) -> {
          MemorySegment bias = RecurrentLayer.has(in, 2) ? repeated(in[2], run) : null;
          Epilogue epilogue = new Epilogue(bias, null, Activation.NONE);
          run(gemm, packed, epilogue, in[0].segment(), out[0].segment(), run, threads);
        });
  }

  /** w [channels, filters, kernel], for each row of the kernel as [channels, columns, filters]. */
  private List<PackedMatrix> pack(Gemm gemm, Tensor weights, TensorArena owner) {
    List<PackedMatrix> packed = new ArrayList<>();
    for (int kh = 0; kh < window.height.kernel(); kh++) {
      try (TensorArena scratch = new TensorArena()) {
        Tensor matrix = scratch.allocate(weights.type().withShape(Shape.of(channels, columns())));
        for (long i = 0; i < matrix.size(); i++) {
          long kw = i % columns() / filters;
          long filter = i / columns() * filters + i % filters;
          long at = (filter * window.height.kernel() + kh) * window.width.kernel() + kw;
          matrix.setFloat(i, weights.getFloat(at));
        }
        packed.add(gemm.pack(matrix, false, owner));
      }
    }
    return List.copyOf(packed);
  }

  /** Bytes of the bias for each column of the kernel. */
  private long biasBytes() {
    return Math.ceilDiv((long) columns() * Float.BYTES, 64L) * 64;
  }

  private long turnedBytes() {
    return fromPlanes ? (long) bandRows * width() * channels * Float.BYTES : 0;
  }

  private long bandBytes() {
    long results = toPlanes ? (long) bandRows * width() * columns() * Float.BYTES : 0;
    return Math.ceilDiv(turnedBytes() + results, 64L) * 64;
  }

  private MemorySegment repeated(Tensor bias, RunContext run) {
    long bytes = (long) filters * Float.BYTES;
    for (int kw = 0; kw < window.width.kernel(); kw++) {
      MemorySegment.copy(bias.segment(), 0, run.workspace(), kw * bytes, bytes);
    }
    return run.workspace();
  }

  private void run(
      Gemm gemm,
      List<PackedMatrix> packed,
      Epilogue epilogue,
      MemorySegment x,
      MemorySegment y,
      RunContext run,
      int threads) {
    ComputePool pool = run.poolOf(threads);
    int bandsOfImage = Math.ceilDiv(height(), bandRows);
    int bands = Math.multiplyExact(images, bandsOfImage);
    long work = (long) bandRows * width() * channels * columns() * window.height.kernel();
    long useful = Math.clamp(bands * work / THREAD_WORK, 1, Math.max(1, bands));
    SlotLoop.run(
        pool,
        (int) Math.min(pool.threads(), useful),
        bands,
        (unit, slot) -> {
          int row = unit % bandsOfImage * bandRows;
          int rows = Math.min(bandRows, height() - row);
          long scratch = biasBytes() + slot * bandBytes();
          Band band = new Band(unit / bandsOfImage, row, rows, scratch);
          multiply(gemm, packed, epilogue, x, y, band, run);
        });
  }

  /**
   * Some rows of pixels of an image.
   *
   * @param scratch where the band's part of the workspace begins, in bytes
   */
  private record Band(int image, int row, int rows, long scratch) {}

  private void multiply(
      Gemm gemm,
      List<PackedMatrix> packed,
      Epilogue epilogue,
      MemorySegment x,
      MemorySegment y,
      Band band,
      RunContext run) {
    int pixels = band.rows * width();
    long xOffset = (long) band.image * height() * width() * channels;
    MemorySegment a = x;
    long aOffset = xOffset + (long) band.row * width() * channels;
    if (fromPlanes) {
      long plane = (long) height() * width() * Float.BYTES;
      long first = (xOffset + (long) band.row * width()) * Float.BYTES;
      long pixelBytes = (long) channels * Float.BYTES;
      a = run.workspace();
      aOffset = band.scratch / Float.BYTES;
      run.copies()
          .transpose(Float.BYTES, channels, pixels, x, first, plane, a, band.scratch, pixelBytes);
    }
    for (int kh = 0; kh < packed.size(); kh++) {
      PackedMatrix matrix = packed.get(kh);
      if (toPlanes) {
        long results = band.scratch + turnedBytes();
        gemm.gemmF32(
            pixels,
            a,
            aOffset,
            channels,
            matrix,
            epilogue,
            run.workspace(),
            results / Float.BYTES,
            columns(),
            ComputePool.CALLER);
        turn(band, kh, results, y, run);
        continue;
      }
      for (int row = 0; row < band.rows; row++) {
        gemm.gemmF32(
            width(),
            a,
            aOffset + (long) row * width() * channels,
            channels,
            matrix,
            epilogue,
            y,
            yRow(band, row, kh) * width() * columns(),
            columns(),
            ComputePool.CALLER);
      }
    }
  }

  /** The row of y, counted over all images, that a row of x gives with a row of the kernel. */
  private long yRow(Band band, int row, int kh) {
    return (long) band.image * window.height.input()
        + (long) (band.row + row) * window.height.kernel()
        + kh;
  }

  /** Puts the results of a band and one row of the kernel where they belong in y. */
  private void turn(Band band, int kh, long results, MemorySegment y, RunContext run) {
    long lineBytes = (long) width() * columns() * Float.BYTES;
    long outWidth = window.width.input();
    long plane = window.height.input() * outWidth;
    for (int row = 0; row < band.rows; row++) {
      long inImage = yRow(band, row, kh) - (long) band.image * window.height.input();
      run.copies()
          .transpose(
              Float.BYTES,
              window.width.input(),
              filters,
              run.workspace(),
              results + row * lineBytes,
              (long) filters * Float.BYTES,
              y,
              (band.image * plane * filters + inImage * outWidth) * Float.BYTES,
              plane * Float.BYTES);
    }
  }
}
