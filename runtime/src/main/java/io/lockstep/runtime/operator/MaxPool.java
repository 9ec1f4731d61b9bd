package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.kernel.Pool;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * ONNX MaxPool 1-22: the largest element of each window of x [batch, channels, spatial...], and as
 * a second output its index in the flattened x.
 *
 * @param columnMajor whether indices count the spatial axes innermost first (storage_order 1)
 * @param withIndices whether the node names the second output
 * @param layout of x and y; as read from a model, channels come first
 */
record MaxPool(
    WindowAttributes window, boolean columnMajor, boolean withIndices, ImageLayout layout)
    implements LayoutAware {

  static Operator of(NodeAttributes attributes) {
    return new MaxPool(
        WindowAttributes.of(attributes),
        attributes.intOr("storage_order", 0) != 0,
        attributes.outputCount() > 1,
        ImageLayout.CHANNELS_FIRST);
  }

  @Override
  public String name() {
    return "MaxPool";
  }

  @Override
  public Optional<Operator> channelsLast(int rank) {
    return withIndices
        ? Optional.empty()
        : Optional.of(new MaxPool(window, columnMajor, false, ImageLayout.CHANNELS_LAST));
  }

  @Override
  public int wantedRank(IntFunction<Optional<Tensor>> constant) {
    return PlanePool.wantedRank(window);
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Shape x = layout.channelsFirst(inputs.shape(0));
    Shape y = layout.of(window.resolve(inputs, x, x).outputShape(x.extent(0), x.extent(1)));
    TensorType values = inputs.type(0).withShape(y);
    return withIndices ? List.of(values, new TensorType(DType.INT64, y)) : List.of(values);
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Shape x = layout.channelsFirst(inputs.shape(0));
    Window resolved = window.resolve(inputs, x, x);
    if (inputs.dtype(0) == DType.FLOAT32 && resolved.isPlane() && !withIndices) {
      Pool kernel = context.kernels().pool();
      PreparedOperator body =
          PlanePool.rows(resolved, x, (g, from, to, in, out) -> kernel.max(g, from, to, in, out));
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
    int grain = PlanePool.grain(resolved);
    return (in, out, run) ->
        run.pool()
            .parallelFor(
                planes,
                grain,
                (from, to) -> {
                  for (int plane = from; plane < to; plane++) {
                    plane(resolved, plane, in[0], out);
                  }
                });
  }

  private void plane(Window resolved, int plane, Tensor x, Tensor[] out) {
    long output = (long) plane * resolved.outputSize();
    long input = (long) plane * resolved.inputSize();
    for (int d = 0; d < resolved.depth.output(); d++) {
      for (int h = 0; h < resolved.height.output(); h++) {
        for (int w = 0; w < resolved.width.output(); w++) {
          int at = largest(resolved, x, input, d, h, w);
          // Only a window that lies wholly in padding has no element.
          out[0].setFromDouble(output, at < 0 ? Double.NEGATIVE_INFINITY : x.asDouble(input + at));
          if (withIndices) {
            out[1].setLong(output, input + (columnMajor ? columnMajor(resolved, at) : at));
          }
          output++;
        }
      }
    }
  }

  /** The offset of the window's largest element within its plane; the first of equal ones. */
  private static int largest(Window resolved, Tensor x, long input, int od, int oh, int ow) {
    int best = -1;
    double largest = 0;
    for (int kd = 0; kd < resolved.depth.kernel(); kd++) {
      int d = resolved.depth.index(od, kd);
      for (int kh = 0; kh < resolved.height.kernel(); kh++) {
        int h = resolved.height.index(oh, kh);
        for (int kw = 0; kw < resolved.width.kernel(); kw++) {
          int w = resolved.width.index(ow, kw);
          if (resolved.depth.covers(d) && resolved.height.covers(h) && resolved.width.covers(w)) {
            int at = (d * resolved.height.input() + h) * resolved.width.input() + w;
            double value = x.asDouble(input + at);
            if (best < 0 || value > largest) {
              best = at;
              largest = value;
            }
          }
        }
      }
    }
    return best;
  }

  private static int columnMajor(Window resolved, int at) {
    int w = at % resolved.width.input();
    int h = at / resolved.width.input() % resolved.height.input();
    int d = at / resolved.width.input() / resolved.height.input();
    if (resolved.rank() < 3) {
      return w * resolved.height.input() + h;
    }
    return (w * resolved.height.input() + h) * resolved.depth.input() + d;
  }
}
