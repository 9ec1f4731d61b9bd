package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.kernel.Conv.PackedFilters;
import io.lockstep.runtime.kernel.ConvGeometry;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * ONNX ConvInteger 10: y = (x - xZeroPoint) * (w - wZeroPoint) in 32-bit integers; padding counts
 * as x's zero point.
 *
 * <p>Inputs: x INT8 or UINT8 [batch, channels, spatial...]; w INT8 or UINT8 [filters, channels /
 * groups, kernel...]; x's zero point, scalar; w's, scalar or [filters]; both optional.
 *
 * @param layout of x and y; as read from a model, channels come first
 */
public record ConvInteger(WindowAttributes window, int groups, ImageLayout layout)
    implements LayoutAware {

  private static final int X_ZERO = 2;
  private static final int W_ZERO = 3;

  public static ConvInteger of(NodeAttributes attributes) {
    return new ConvInteger(
        WindowAttributes.of(attributes),
        Math.toIntExact(attributes.intOr("group", 1)),
        ImageLayout.CHANNELS_FIRST);
  }

  @Override
  public String name() {
    return "ConvInteger";
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Shape x = layout.channelsFirst(inputs.shape(0));
    Shape weights = inputs.shape(1);
    Conv.checkWeights(inputs, x, weights, groups);
    Window resolved = window.resolve(inputs, x, weights);
    Shape image = resolved.outputShape(x.extent(0), weights.extent(0));
    return List.of(new TensorType(DType.INT32, layout.of(image)));
  }

  @Override
  public Optional<Operator> channelsLast(int rank) {
    return Optional.of(new ConvInteger(window, groups, ImageLayout.CHANNELS_LAST));
  }

  @Override
  public int wantedRank(IntFunction<Optional<Tensor>> constant) {
    return Conv.wantedRank(constant.apply(1));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Shape x = layout.channelsFirst(inputs.shape(0));
    Shape weights = inputs.shape(1);
    Window resolved = window.resolve(inputs, x, weights);
    if (!isPacked(inputs, resolved, 1, W_ZERO)) {
      return direct(new DirectConv(resolved, x.extent(1), weights.extent(0), groups));
    }
    ConvGeometry geometry = resolved.geometry(x.extent(1), weights.extent(0), groups);
    PackedFilters filters = pack(inputs, context, 1, W_ZERO, groups);
    boolean signed = inputs.dtype(0) == DType.INT8;
    int images = x.extent(0);
    int threads = Runtime.getRuntime().availableProcessors();
    io.lockstep.runtime.kernel.Conv kernel = context.kernels().conv();
    PreparedOperator body =
        PreparedOperator.withWorkspace(
            kernel.workspaceBytes(images, geometry, filters, threads),
            (in, out, run) ->
                kernel.convI32(
                    images,
                    geometry,
                    in[0].segment(),
                    signed,
                    in.length > X_ZERO && in[X_ZERO] != null ? (int) in[X_ZERO].asLong(0) : 0,
                    filters,
                    run.workspace(),
                    out[0].segment(),
                    run.poolOf(threads)));
    return layout == ImageLayout.CHANNELS_LAST
        ? body
        : LayoutBridge.toLast(body, inputs, outputTypes(inputs).getFirst(), 0);
  }

  /** Whether weights and their zero point are known and have a kernel. */
  static boolean isPacked(OperatorInputs inputs, Window window, int weights, int zeroPoint) {
    return window.isPlane()
        && inputs.constant(weights).isPresent()
        && (!inputs.has(zeroPoint) || inputs.constant(zeroPoint).isPresent());
  }

  /** The kernel's form of constant 8-bit filters. */
  static PackedFilters pack(
      OperatorInputs inputs, PrepareContext context, int weights, int zeroPoint, int groups) {
    var zero = inputs.has(zeroPoint) ? inputs.value(zeroPoint) : null;
    String zeroKey = zero == null ? "0" : Integer.toString(Arrays.hashCode(zero.toLongs()));
    return context.packed(
        weights,
        "quant-conv/" + groups + "/" + zeroKey,
        (constant, owner) ->
            context.kernels().conv().packQuant(Conv.planes(constant), groups, zero, owner));
  }

  private static PreparedOperator direct(DirectConv conv) {
    return (in, out, run) -> {
      double xZero = in.length > X_ZERO && in[X_ZERO] != null ? in[X_ZERO].asDouble(0) : 0;
      for (int i = 0; i < out[0].size(); i++) {
        double wZero = 0;
        if (in.length > W_ZERO && in[W_ZERO] != null) {
          wZero = in[W_ZERO].asDouble(conv.filter(i) % in[W_ZERO].size());
        }
        out[0].setInt(i, (int) (long) conv.sum(in[0], xZero, in[1], wZero, i));
      }
    };
  }
}
