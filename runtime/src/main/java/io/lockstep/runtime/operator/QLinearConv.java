package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.kernel.Conv.PackedFilters;
import io.lockstep.runtime.kernel.ConvGeometry;
import io.lockstep.runtime.kernel.Requantization;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * ONNX QLinearConv 10: an 8-bit convolution whose 32-bit sums, plus a 32-bit bias, are brought to
 * the output's scale: y = saturate(round((sum + bias) xScale wScale / yScale) + yZeroPoint).
 *
 * <p>Inputs in ONNX's order: x [batch, channels, spatial...], its scale and zero point; w [filters,
 * channels / groups, kernel...], its scale and zero point, scalars or [filters]; y's scale and zero
 * point; bias INT32 [filters], optional, in units of xScale wScale.
 *
 * @param clamp bounds of y fused by a rewrite, such as a ReLU's; null for the type's own
 * @param layout of x and y; as read from a model, channels come first
 */
public record QLinearConv(
    WindowAttributes window, int groups, @Nullable Clamp clamp, ImageLayout layout)
    implements LayoutAware {

  /** Bounds of quantised values, both included. */
  public record Clamp(int lowest, int highest) {}

  private static final int X = 0;
  private static final int X_SCALE = 1;
  private static final int X_ZERO = 2;
  private static final int W = 3;
  private static final int W_SCALE = 4;
  private static final int W_ZERO = 5;
  private static final int Y_SCALE = 6;
  private static final int Y_ZERO = 7;
  private static final int BIAS = 8;

  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  public static QLinearConv of(NodeAttributes attributes) {
    return new QLinearConv(
        WindowAttributes.of(attributes),
        Math.toIntExact(attributes.intOr("group", 1)),
        null,
        ImageLayout.CHANNELS_FIRST);
  }

  @Override
  public String name() {
    return "QLinearConv";
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Shape x = layout.channelsFirst(inputs.shape(X));
    Shape weights = inputs.shape(W);
    Conv.checkWeights(inputs, x, weights, groups);
    int filters = weights.extent(0);
    for (int i = W_SCALE; i <= W_ZERO; i++) {
      if (inputs.shape(i).size() != 1 && inputs.shape(i).size() != filters) {
        throw inputs.invalid(
            "input %d is %s, expected a scalar or [%d]".formatted(i, inputs.shape(i), filters));
      }
    }
    if (inputs.has(BIAS) && inputs.shape(BIAS).size() != filters) {
      throw inputs.invalid("bias " + inputs.shape(BIAS) + " does not fit " + filters + " filters");
    }
    Window resolved = window.resolve(inputs, x, weights);
    Shape image = resolved.outputShape(x.extent(0), filters);
    return List.of(new TensorType(inputs.dtype(Y_ZERO), layout.of(image)));
  }

  @Override
  public Optional<Operator> channelsLast(int rank) {
    return Optional.of(new QLinearConv(window, groups, clamp, ImageLayout.CHANNELS_LAST));
  }

  @Override
  public int wantedRank(IntFunction<Optional<Tensor>> constant) {
    return Conv.wantedRank(constant.apply(W));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Shape x = layout.channelsFirst(inputs.shape(X));
    Shape weights = inputs.shape(W);
    Window resolved = window.resolve(inputs, x, weights);
    if (!ConvInteger.isPacked(inputs, resolved, W, W_ZERO)) {
      return direct(new DirectConv(resolved, x.extent(1), weights.extent(0), groups));
    }
    ConvGeometry geometry = resolved.geometry(x.extent(1), weights.extent(0), groups);
    PackedFilters filters = ConvInteger.pack(inputs, context, W, W_ZERO, groups);
    TensorType y = outputTypes(inputs).getFirst();
    boolean signed = inputs.dtype(X) == DType.INT8;
    int images = x.extent(0);
    int threads = Runtime.getRuntime().availableProcessors();
    io.lockstep.runtime.kernel.Conv kernel = context.kernels().conv();
    WorkspaceLayout scratch = new WorkspaceLayout();
    scratch.addWords(geometry.filters());
    long kernelBytes = kernel.workspaceBytes(images, geometry, filters, threads);
    long kernelScratch = scratch.add(kernelBytes);
    PreparedOperator body =
        PreparedOperator.withWorkspace(
            scratch.bytes(),
            (in, out, run) ->
                kernel.convQ8(
                    images,
                    geometry,
                    in[X].segment(),
                    signed,
                    (int) in[X_ZERO].asLong(0),
                    filters,
                    requantization(in, y.dtype(), geometry.filters(), run.workspace()),
                    run.workspace().asSlice(kernelScratch, kernelBytes),
                    out[0].segment(),
                    run.poolOf(threads)));
    return layout == ImageLayout.CHANNELS_LAST ? body : LayoutBridge.toLast(body, inputs, y, X);
  }

  /** How sums become y; the multipliers go to the beginning of the workspace. */
  private Requantization requantization(
      Tensor[] in, DType type, int filters, MemorySegment workspace) {
    for (int filter = 0; filter < filters; filter++) {
      workspace.setAtIndex(FLOAT, filter, multiplier(in, filter));
    }
    Clamp range = range(type);
    return new Requantization(
        in.length > BIAS && in[BIAS] != null ? in[BIAS].segment() : null,
        workspace,
        (int) in[Y_ZERO].asLong(0),
        range.lowest(),
        range.highest());
  }

  /** The bounds of y: the type's, narrowed by a fused clamp. */
  private Clamp range(DType type) {
    Clamp own = type.isUnsigned() ? new Clamp(0, 255) : new Clamp(-128, 127);
    return clamp == null
        ? own
        : new Clamp(
            Math.max(own.lowest(), clamp.lowest()), Math.min(own.highest(), clamp.highest()));
  }

  /** What a filter's sums are multiplied with. */
  private static float multiplier(Tensor[] in, int filter) {
    float product =
        (float) in[X_SCALE].asDouble(0) * (float) in[W_SCALE].asDouble(filter % in[W_SCALE].size());
    return product / (float) in[Y_SCALE].asDouble(0);
  }

  private PreparedOperator direct(DirectConv conv) {
    return (in, out, run) -> {
      double xZero = in[X_ZERO].asDouble(0);
      int zeroPoint = (int) in[Y_ZERO].asLong(0);
      Clamp range = range(out[0].dtype());
      for (int i = 0; i < out[0].size(); i++) {
        int filter = conv.filter(i);
        double wZero = in[W_ZERO].asDouble(filter % in[W_ZERO].size());
        double sum = conv.sum(in[X], xZero, in[W], wZero, i);
        if (in.length > BIAS && in[BIAS] != null) {
          sum += in[BIAS].getInt(filter);
        }
        long quantized =
            QuantizeLinear.quantized(
                (float) sum * multiplier(in, filter), zeroPoint, out[0].dtype());
        out[0].setFromLong(i, Math.clamp(quantized, range.lowest(), range.highest()));
      }
    };
  }
}
