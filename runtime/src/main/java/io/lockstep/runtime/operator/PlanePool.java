package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.kernel.ConvGeometry;
import io.lockstep.runtime.kernel.Pool;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * ONNX AveragePool 7-22 and LpPool 2-22: each output element is the mean, or the p-norm, of a
 * window of x [batch, channels, spatial...].
 *
 * @param p the norm's exponent; 0 for the mean
 * @param countPadding whether padding counts in the mean's divisor
 * @param layout of x and y; as read from a model, channels come first
 */
record PlanePool(WindowAttributes window, int p, boolean countPadding, ImageLayout layout)
    implements LayoutAware {

  /** Elements of windows that are worth another thread. */
  private static final int ROW_WORK = 32_768;

  static Operator average(NodeAttributes attributes) {
    return new PlanePool(
        WindowAttributes.of(attributes),
        0,
        attributes.intOr("count_include_pad", 0) != 0,
        ImageLayout.CHANNELS_FIRST);
  }

  static Operator norm(NodeAttributes attributes) {
    return new PlanePool(
        WindowAttributes.of(attributes),
        Math.toIntExact(attributes.intOr("p", 2)),
        false,
        ImageLayout.CHANNELS_FIRST);
  }

  @Override
  public String name() {
    return p == 0 ? "AveragePool" : "LpPool";
  }

  @Override
  public Optional<Operator> channelsLast(int rank) {
    return Optional.of(new PlanePool(window, p, countPadding, ImageLayout.CHANNELS_LAST));
  }

  @Override
  public int wantedRank(IntFunction<Optional<Tensor>> constant) {
    return p == 0 ? wantedRank(window) : 0;
  }

  /** The rank of images that the two-dimensional kernels pool, or 0. */
  static int wantedRank(WindowAttributes window) {
    int rank = window.kernelRank() + 2;
    return rank == 3 || rank == 4 ? rank : 0;
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Shape x = layout.channelsFirst(inputs.shape(0));
    Window resolved = window.resolve(inputs, x, x);
    Shape image = resolved.outputShape(x.extent(0), x.extent(1));
    return List.of(inputs.type(0).withShape(layout.of(image)));
  }

  /** A kernel that pools some output rows. */
  @FunctionalInterface
  interface RowKernel {
    void run(ConvGeometry geometry, int from, int to, MemorySegment x, MemorySegment y);
  }

  /**
   * Pools images with their channels last.
   *
   * @param x their shape with their channels first
   */
  static PreparedOperator rows(Window resolved, Shape x, RowKernel kernel) {
    ConvGeometry geometry = resolved.geometry(x.extent(1), x.extent(1), x.extent(1));
    int rows = Math.multiplyExact(x.extent(0), geometry.outputHeight());
    long work = (long) geometry.outputWidth() * x.extent(1) * resolved.kernelSize();
    int grain = (int) Math.max(1, ROW_WORK / Math.max(1, work));
    return (in, out, run) ->
        run.pool()
            .parallelFor(
                rows,
                grain,
                (from, to) -> kernel.run(geometry, from, to, in[0].segment(), out[0].segment()));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Shape x = layout.channelsFirst(inputs.shape(0));
    Window resolved = window.resolve(inputs, x, x);
    boolean exactDivisor = !countPadding || !resolved.overhangs();
    if (p == 0 && inputs.dtype(0) == DType.FLOAT32 && resolved.isPlane() && exactDivisor) {
      Pool kernel = context.kernels().pool();
      PreparedOperator body =
          rows(
              resolved,
              x,
              (g, from, to, in, out) -> kernel.average(g, countPadding, from, to, in, out));
      return layout == ImageLayout.CHANNELS_LAST
          ? body
          : LayoutBridge.toLast(body, inputs, outputTypes(inputs).getFirst(), 0);
    }
    PreparedOperator body = planes(resolved, x.extent(0) * x.extent(1));
    return layout == ImageLayout.CHANNELS_FIRST
        ? body
        : LayoutBridge.toFirst(body, inputs, outputTypes(inputs).getFirst());
  }

  private PreparedOperator planes(Window resolved, int planes) {
    return (in, out, run) ->
        run.pool()
            .parallelFor(
                planes,
                grain(resolved),
                (from, to) -> {
                  for (int plane = from; plane < to; plane++) {
                    plane(resolved, plane, in[0], out[0]);
                  }
                });
  }

  /** Planes worth a thread of their own. */
  static int grain(Window window) {
    return Math.max(1, 16384 / Math.max(1, window.outputSize() * window.kernelSize()));
  }

  private void plane(Window resolved, int plane, Tensor x, Tensor y) {
    long output = (long) plane * resolved.outputSize();
    long input = (long) plane * resolved.inputSize();
    for (int d = 0; d < resolved.depth.output(); d++) {
      for (int h = 0; h < resolved.height.output(); h++) {
        for (int w = 0; w < resolved.width.output(); w++) {
          y.setFromDouble(output++, element(resolved, x, input, d, h, w));
        }
      }
    }
  }

  private double element(Window resolved, Tensor x, long input, int od, int oh, int ow) {
    double sum = 0;
    int counted = 0;
    for (int kd = 0; kd < resolved.depth.kernel(); kd++) {
      int d = resolved.depth.index(od, kd);
      for (int kh = 0; kh < resolved.height.kernel(); kh++) {
        int h = resolved.height.index(oh, kh);
        for (int kw = 0; kw < resolved.width.kernel(); kw++) {
          int w = resolved.width.index(ow, kw);
          boolean covered =
              resolved.depth.covers(d) && resolved.height.covers(h) && resolved.width.covers(w);
          if (covered) {
            long at = ((long) d * resolved.height.input() + h) * resolved.width.input() + w;
            sum += term(x.asDouble(input + at));
          }
          boolean padded =
              inPadding(resolved.depth, d)
                  && inPadding(resolved.height, h)
                  && inPadding(resolved.width, w);
          if (countPadding ? padded : covered) {
            counted++;
          }
        }
      }
    }
    if (p == 0) {
      return counted == 0 ? 0 : sum / counted;
    }
    return p == 1 ? sum : p == 2 ? Math.sqrt(sum) : Math.pow(sum, 1.0 / p);
  }

  private double term(double x) {
    return switch (p) {
      case 0 -> x;
      case 1 -> Math.abs(x);
      case 2 -> x * x;
      default -> Math.pow(Math.abs(x), p);
    };
  }

  /** Whether an index lies within the padded input, rather than in the overhang of ceil_mode. */
  private static boolean inPadding(Window.Axis axis, int index) {
    return index < axis.input() + axis.padEnd();
  }
}
