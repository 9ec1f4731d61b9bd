package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.graph.RunContext;
import io.lockstep.runtime.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Transposed convolutions from their definition, over one to three axes and for all types, and the
 * scattering of columns that Col2Im is.
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

  /** From the definition, in double precision. */
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
