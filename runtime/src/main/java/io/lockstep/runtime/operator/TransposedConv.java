package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.graph.RunContext;
import io.lockstep.runtime.kernel.BinaryFunction;
import io.lockstep.runtime.kernel.ElementChain;
import io.lockstep.runtime.kernel.Epilogue;
import io.lockstep.runtime.kernel.Gemm;
import io.lockstep.runtime.kernel.PackedMatrix;
import io.lockstep.runtime.kernel.RowChain;
import io.lockstep.runtime.kernel.RowChain.Place;
import io.lockstep.runtime.kernel.RowChains;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Transposed convolutions of float images [height, width, channels] with constant filters: a matrix
 * product gives what each input pixel contributes to each element of its window, and those are
 * added up where they fall, output row by output row. All pixels of a row that one element of the
 * window reaches are added by one loop.
 *
 * <p>An output element adds its contributions to its bias by kernel row, then by kernel column.
 */
final class TransposedConv {

  private static final int Y = 0;
  private static final int ADDED = 1;

  /** Additions that are worth another thread. */
  private static final int THREAD_WORK = 16_384;

  private final Window window;
  private final int images;
  private final int channels;
  private final int filters;
  private final int groups;

  /**
   * @param window the window of the convolution that is transposed: its input is our y, its output
   *     our x; over one or two axes
   */
  TransposedConv(Window window, int images, int channels, int filters, int groups) {
    this.window = window;
    this.images = images;
    this.channels = channels;
    this.filters = filters;
    this.groups = groups;
  }

  PreparedOperator prepared(PrepareContext context) {
    List<PackedMatrix> packed =
        context.packed(
            1,
            "transposed-conv/" + groups,
            (weights, owner) -> pack(context.kernels().gemm(), weights, owner));
    RowChains.Loop adding = context.kernels().rowChains().loop(adding());
    RowChains.Loop copying = context.kernels().rowChains().loop(copying());
    Gemm gemm = context.kernels().gemm();
    long columns = (long) window.outputSize() * window.kernelSize() * (filters / groups);
    return PreparedOperator.withWorkspace(
        columns * Float.BYTES,
        (in, out, run) -> {
          for (int image = 0; image < images; image++) {
            for (int group = 0; group < groups; group++) {
              multiply(gemm, packed.get(group), image, group, in[0], run);
              MemorySegment bias = RecurrentLayer.has(in, 2) ? in[2].segment() : null;
              addUp(new Part(copying, adding, image, group, bias, out[0].segment()), run);
            }
          }
        });
  }

  /** w [channels, filters / groups, kernel] as [channels / groups, kernel, filters / groups]. */
  private List<PackedMatrix> pack(Gemm gemm, Tensor weights, TensorArena owner) {
    int kernel = window.kernelSize();
    int perGroup = filters / groups;
    int depth = channels / groups;
    List<PackedMatrix> packed = new ArrayList<>();
    for (int group = 0; group < groups; group++) {
      try (TensorArena scratch = new TensorArena()) {
        Tensor matrix =
            scratch.allocate(weights.type().withShape(Shape.of(depth, kernel * perGroup)));
        for (int row = 0; row < depth; row++) {
          long from = ((long) group * depth + row) * perGroup * kernel;
          for (int i = 0; i < perGroup * kernel; i++) {
            long to = (long) row * kernel * perGroup + (i % kernel) * (long) perGroup + i / kernel;
            matrix.setFloat(to, weights.getFloat(from + i));
          }
        }
        packed.add(gemm.pack(matrix, false, owner));
      }
    }
    return List.copyOf(packed);
  }

  /** y = added, float [filters / groups] for each pixel. */
  private RowChain copying() {
    return chain(new ElementChain.Input(ADDED));
  }

  /** y = y + added. */
  private RowChain adding() {
    return chain(
        new ElementChain.Binary(
            BinaryFunction.ADD, new ElementChain.Input(Y), new ElementChain.Input(ADDED)));
  }

  private RowChain chain(ElementChain.Node value) {
    Place y = new Place(Y, 0);
    return new RowChain(
        filters / groups,
        List.of(y, new Place(ADDED, 0)),
        List.of(new RowChain.Result(value, List.of(y))));
  }

  /** What each pixel of one group of one image contributes, into the workspace. */
  private void multiply(
      Gemm gemm, PackedMatrix packed, int image, int group, Tensor x, RunContext run) {
    gemm.gemmF32(
        window.outputSize(),
        x.segment(),
        (long) image * window.outputSize() * channels + (long) group * packed.k(),
        channels,
        packed,
        Epilogue.NONE,
        run.workspace(),
        0,
        packed.n(),
        run.pool());
  }

  /**
   * The filters of one group over one image.
   *
   * @param bias float [filters], or null
   */
  private record Part(
      RowChains.Loop copying,
      RowChains.Loop adding,
      int image,
      int group,
      @Nullable MemorySegment bias,
      MemorySegment y) {}

  private void addUp(Part part, RunContext run) {
    int rows = window.height.input();
    int perPixel = window.kernelSize() * (filters / groups);
    long work = (long) window.outputSize() * perPixel / Math.max(1, rows);
    run.pool()
        .parallelFor(
            rows,
            (int) Math.max(1, THREAD_WORK / Math.max(1, work)),
            (from, to) -> {
              for (int row = from; row < to; row++) {
                begin(part, row);
                add(part, row, run.workspace());
              }
            });
  }

  /** Where one row of one group begins in y. */
  private long start(Part part, int row) {
    return ((long) part.image * window.height.input() + row) * window.width.input() * filters
        + (long) part.group * (filters / groups);
  }

  /** Sets one row of one group to the bias. */
  private void begin(Part part, int row) {
    int count = filters / groups;
    int pixels = window.width.input();
    if (part.bias != null) {
      MemorySegment[] arrays = {part.y, part.bias, null, null, null, null};
      long[] offsets = {start(part, row), (long) part.group * count, 0, 0, 0, 0};
      part.copying.run(pixels, arrays, offsets, new long[] {filters, 0, 0, 0, 0, 0});
      return;
    }
    for (int pixel = 0; pixel < pixels; pixel++) {
      long at = start(part, row) + (long) pixel * filters;
      part.y.asSlice(at * Float.BYTES, (long) count * Float.BYTES).fill((byte) 0);
    }
  }

  /** Adds to one row all that falls on it. */
  private void add(Part part, int row, MemorySegment columns) {
    Window.Axis height = window.height;
    Window.Axis width = window.width;
    int count = filters / groups;
    MemorySegment[] arrays = {part.y, columns, null, null, null, null};
    long step = (long) window.kernelSize() * count;
    long[] strides = {(long) width.stride() * filters, step, 0, 0, 0, 0};
    long[] offsets = new long[RowChain.MOST_ARRAYS];
    for (int kh = 0; kh < height.kernel(); kh++) {
      int from = row + height.padBegin() - kh * height.dilation();
      if (from < 0 || from % height.stride() != 0 || from / height.stride() >= height.output()) {
        continue;
      }
      long line = (long) (from / height.stride()) * width.output();
      for (int kw = 0; kw < width.kernel(); kw++) {
        int at = kw * width.dilation() - width.padBegin(); // where the first pixel's falls
        int first = at >= 0 ? 0 : Math.ceilDiv(-at, width.stride());
        int end = Math.min(width.output(), Math.ceilDiv(width.input() - at, width.stride()));
        if (first < end) {
          offsets[Y] = start(part, row) + ((long) first * width.stride() + at) * filters;
          offsets[ADDED] = (line + first) * step + ((long) kh * width.kernel() + kw) * count;
          part.adding.run(end - first, arrays, offsets, strides);
        }
      }
    }
  }
}
