package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.graph.RunContext;
import io.lockstep.runtime.kernel.Epilogue;
import io.lockstep.runtime.kernel.Gemm;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Computes transposed convolutions: a matrix product gives what each input position contributes to
 * each element of its window, and those columns are added up where they fall.
 *
 * <p>An output element adds its contributions in the order of the kernel's elements, then of input
 * positions; the sum over channels is the product's.
 */
final class ScatterConv {

  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  private final Window window;
  private final int images;
  private final int channels;
  private final int filters;
  private final int groups;

  /**
   * @param window the window of the transposed convolution: its input is our y, its output our x
   */
  ScatterConv(Window window, int images, int channels, int filters, int groups) {
    this.window = window;
    this.images = images;
    this.channels = channels;
    this.filters = filters;
    this.groups = groups;
  }

  /** By matrix products, for constant 32-bit weights; split over images, groups and filters. */
  PreparedOperator products(PrepareContext context) {
    Gemm gemm = context.kernels().gemm();
    MemorySegment transposed =
        context.packed(1, "transposed-conv/" + groups, (weights, owner) -> pack(weights, owner));
    int processors = Runtime.getRuntime().availableProcessors();
    int groupFilters = filters / groups;
    int parts = images * groups >= processors ? 1 : Math.min(groupFilters, processors);
    int units = images * groups * parts;
    int slots = Math.min(units, processors);
    int partFilters = Math.ceilDiv(Math.max(1, groupFilters), Math.max(1, parts));
    WorkspaceLayout layout = new WorkspaceLayout();
    layout.addWords((long) partFilters * window.kernelSize() * window.outputSize());
    long productAt = layout.bytes();
    layout.add(gemm.matmulWorkspaceBytes(shape(partFilters)));
    long slotBytes = layout.bytes();
    return PreparedOperator.withWorkspace(
        slots * slotBytes,
        (in, out, run) ->
            run.pool()
                .parallelFor(
                    slots,
                    1,
                    (from, to) -> {
                      for (int slot = from; slot < to; slot++) {
                        MemorySegment own = run.workspace().asSlice(slot * slotBytes, slotBytes);
                        for (int unit = slot; unit < units; unit += slots) {
                          int part = unit % parts;
                          int first = Math.min(groupFilters, part * partFilters);
                          int last = Math.min(groupFilters, first + partFilters);
                          unit(
                              gemm, in, out, transposed, unit / parts, first, last, own, productAt);
                        }
                      }
                    }));
  }

  private Gemm.MatmulShape shape(int partFilters) {
    return new Gemm.MatmulShape(
        partFilters * window.kernelSize(), channels / groups, window.outputSize(), false);
  }

  /** w [channels, filters / groups, kernel] as [groups, filters / groups, kernel, channels]. */
  private MemorySegment pack(Tensor weights, TensorArena owner) {
    int rows = filters / groups * window.kernelSize();
    int depth = channels / groups;
    MemorySegment packed = owner.allocateBytes(weights.segment().byteSize());
    for (int channel = 0; channel < channels; channel++) {
      long group = channel / depth;
      for (int row = 0; row < rows; row++) {
        packed.setAtIndex(
            FLOAT,
            (group * rows + row) * depth + channel % depth,
            weights.getFloat((long) channel * rows + row));
      }
    }
    return packed;
  }

  /** Some filters of one group of one image. */
  private void unit(
      Gemm gemm,
      Tensor[] in,
      Tensor[] out,
      MemorySegment transposed,
      int imageGroup,
      int first,
      int last,
      MemorySegment workspace,
      long productAt) {
    int depth = channels / groups;
    int kernel = window.kernelSize();
    int group = imageGroup % groups;
    int positions = window.outputSize();
    gemm.matmulF32(
        shape(last - first),
        transposed,
        ((long) group * (filters / groups) + first) * kernel * depth,
        depth,
        in[0].segment(),
        (long) imageGroup * depth * positions,
        positions,
        1,
        Epilogue.NONE,
        workspace,
        productAt,
        workspace,
        0,
        positions);
    for (int f = first; f < last; f++) {
      int filter = group * (filters / groups) + f;
      float bias = RecurrentLayer.has(in, 2) ? in[2].getFloat(filter) : 0;
      long plane = ((long) imageGroup * (filters / groups) + f) * window.inputSize();
      for (long i = 0; i < window.inputSize(); i++) {
        out[0].setFloat(plane + i, bias);
      }
      long columns = (long) (f - first) * kernel * positions;
      scatter(workspace, columns, out[0].segment(), plane);
    }
  }

  /** Adds columns [kernel, positions] to the plane of y that they come from. */
  void scatter(MemorySegment columns, long firstColumn, MemorySegment y, long plane) {
    long column = firstColumn;
    for (int kd = 0; kd < window.depth.kernel(); kd++) {
      for (int kh = 0; kh < window.height.kernel(); kh++) {
        for (int kw = 0; kw < window.width.kernel(); kw++) {
          for (int d = 0; d < window.depth.output(); d++) {
            int yd = window.depth.index(d, kd);
            for (int h = 0; h < window.height.output(); h++) {
              int yh = window.height.index(h, kh);
              if (window.depth.covers(yd) && window.height.covers(yh)) {
                long row = plane + ((long) yd * window.height.input() + yh) * window.width.input();
                scatterRow(columns, column, kw, y, row);
              }
              column += window.width.output();
            }
          }
        }
      }
    }
  }

  private void scatterRow(MemorySegment columns, long column, int kw, MemorySegment y, long row) {
    Window.Axis width = window.width;
    for (int w = 0; w < width.output(); w++) {
      int at = width.index(w, kw);
      if (width.covers(at)) {
        float sum = y.getAtIndex(FLOAT, row + at) + columns.getAtIndex(FLOAT, column + w);
        y.setAtIndex(FLOAT, row + at, sum);
      }
    }
  }

  /** From the definition, in double precision, for all other types and weights. */
  PreparedOperator direct() {
    return (in, out, run) -> direct(in, out[0], run);
  }

  private void direct(Tensor[] in, Tensor y, RunContext run) {
    int size = window.inputSize();
    run.pool()
        .parallelFor(
            images * filters,
            1,
            (from, to) -> {
              for (int plane = from; plane < to; plane++) {
                double bias = RecurrentLayer.has(in, 2) ? in[2].asDouble(plane % filters) : 0;
                for (int i = 0; i < size; i++) {
                  double sum = bias + gather(in[0], in[1], plane, i);
                  y.setFromDouble((long) plane * size + i, sum);
                }
              }
            });
  }

  /** The sum of all that falls on one output element. */
  private double gather(Tensor x, Tensor weights, int plane, int position) {
    int groupFilters = filters / groups;
    int depth = channels / groups;
    int filter = plane % filters;
    int group = filter / groupFilters;
    int yw = position % window.width.input();
    int yh = position / window.width.input() % window.height.input();
    int yd = position / window.width.input() / window.height.input();
    double sum = 0;
    for (int kd = 0; kd < window.depth.kernel(); kd++) {
      int d = source(window.depth, yd, kd);
      for (int kh = 0; kh < window.height.kernel(); kh++) {
        int h = source(window.height, yh, kh);
        for (int kw = 0; kw < window.width.kernel(); kw++) {
          int w = source(window.width, yw, kw);
          if (d < 0 || h < 0 || w < 0) {
            continue;
          }
          int k = (kd * window.height.kernel() + kh) * window.width.kernel() + kw;
          int at = (d * window.height.output() + h) * window.width.output() + w;
          for (int c = group * depth; c < (group + 1) * depth; c++) {
            long channel = (long) (plane / filters) * channels + c;
            long weight =
                ((long) c * groupFilters + filter % groupFilters) * window.kernelSize() + k;
            sum += x.asDouble(channel * window.outputSize() + at) * weights.asDouble(weight);
          }
        }
      }
    }
    return sum;
  }

  /** The input index whose kernel element {@code k} falls on output index {@code y}; or -1. */
  private static int source(Window.Axis axis, int y, int k) {
    int at = y + axis.padBegin() - k * axis.dilation();
    return at >= 0 && at % axis.stride() == 0 && at / axis.stride() < axis.output()
        ? at / axis.stride()
        : -1;
  }
}
