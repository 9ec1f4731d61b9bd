package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.graph.RunContext;
import io.lockstep.runtime.kernel.BinaryFunction;
import io.lockstep.runtime.kernel.Elementwise;
import io.lockstep.runtime.kernel.Epilogue;
import io.lockstep.runtime.kernel.Gemm;
import io.lockstep.runtime.kernel.PackedMatrix;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * Transposed convolutions of float images [height, width, channels] with constant filters: a matrix
 * product gives what each input pixel contributes to each element of its window, and those are
 * added up where they fall, output row by output row.
 *
 * <p>An output element adds its contributions by kernel row, then by input column.
 */
final class TransposedConv {

  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  /** Fewer floats are added by a loop, which beats a call of the kernel. */
  private static final int FEW = 16;

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
    long columns = (long) window.outputSize() * window.kernelSize() * (filters / groups);
    return PreparedOperator.withWorkspace(
        columns * Float.BYTES,
        (in, out, run) -> {
          for (int image = 0; image < images; image++) {
            for (int group = 0; group < groups; group++) {
              part(context, packed.get(group), image, group, in, out[0].segment(), run);
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

  /** The filters of one group over one image. */
  private void part(
      PrepareContext context,
      PackedMatrix packed,
      int image,
      int group,
      Tensor[] in,
      MemorySegment y,
      RunContext run) {
    context
        .kernels()
        .gemm()
        .gemmF32(
            window.outputSize(),
            in[0].segment(),
            (long) image * window.outputSize() * channels + (long) group * packed.k(),
            channels,
            packed,
            Epilogue.NONE,
            run.workspace(),
            0,
            packed.n(),
            run.pool());
    int rows = window.height.input();
    long work = (long) window.outputSize() * packed.n() / Math.max(1, rows);
    run.pool()
        .parallelFor(
            rows,
            (int) Math.max(1, THREAD_WORK / Math.max(1, work)),
            (from, to) -> {
              for (int row = from; row < to; row++) {
                long first =
                    ((long) image * rows + row) * window.width.input() * filters
                        + (long) group * (filters / groups);
                begin(in, group, y, first);
                add(context.kernels().elementwise(), run.workspace(), row, y, first);
              }
            });
  }

  /** Sets one row of one group to the bias. */
  private void begin(Tensor[] in, int group, MemorySegment y, long first) {
    int count = filters / groups;
    boolean biased = RecurrentLayer.has(in, 2);
    if (!biased && groups == 1) {
      y.asSlice(first * Float.BYTES, (long) window.width.input() * filters * Float.BYTES)
          .fill((byte) 0);
      return;
    }
    MemorySegment biases = biased ? in[2].segment() : MemorySegment.NULL;
    for (int column = 0; column < window.width.input(); column++) {
      for (int f = 0; f < count; f++) {
        float bias = biased ? biases.getAtIndex(FLOAT, (long) group * count + f) : 0;
        y.setAtIndex(FLOAT, first + (long) column * filters + f, bias);
      }
    }
  }

  /** Adds to one row all that falls on it. */
  private void add(
      Elementwise kernel, MemorySegment columns, int row, MemorySegment y, long first) {
    Window.Axis height = window.height;
    Window.Axis width = window.width;
    int count = filters / groups;
    for (int kh = 0; kh < height.kernel(); kh++) {
      int from = row + height.padBegin() - kh * height.dilation();
      if (from < 0 || from % height.stride() != 0 || from / height.stride() >= height.output()) {
        continue;
      }
      long pixel = (long) (from / height.stride()) * width.output();
      for (int w = 0; w < width.output(); w++) {
        for (int kw = 0; kw < width.kernel(); kw++) {
          int column = width.index(w, kw);
          if (width.covers(column)) {
            long tap = ((pixel + w) * height.kernel() + kh) * width.kernel() + kw;
            add(kernel, columns, tap * count, y, first + (long) column * filters, count);
          }
        }
      }
    }
  }

  private static void add(
      Elementwise kernel, MemorySegment from, long fromAt, MemorySegment y, long at, int count) {
    if (count >= FEW) {
      kernel.binary(BinaryFunction.ADD, y, at, from, fromAt, y, at, count);
      return;
    }
    for (int i = 0; i < count; i++) {
      float sum = y.getAtIndex(FLOAT, at + i) + from.getAtIndex(FLOAT, fromAt + i);
      y.setAtIndex(FLOAT, at + i, sum);
    }
  }
}
