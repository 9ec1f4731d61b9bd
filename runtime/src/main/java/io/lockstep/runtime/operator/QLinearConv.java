package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.kernel.Conv.PackedQuantFilters;
import io.lockstep.runtime.kernel.ConvGeometry;
import io.lockstep.runtime.kernel.KernelSet;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
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
 */
public record QLinearConv(WindowAttributes window, int groups, @Nullable Clamp clamp)
    implements Operator {

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

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;

  public static QLinearConv of(NodeAttributes attributes) {
    return new QLinearConv(
        WindowAttributes.of(attributes), Math.toIntExact(attributes.intOr("group", 1)), null);
  }

  @Override
  public String name() {
    return "QLinearConv";
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Shape x = inputs.shape(X);
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
    return List.of(
        new TensorType(inputs.dtype(Y_ZERO), resolved.outputShape(x.extent(0), filters)));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Shape x = inputs.shape(X);
    Shape weights = inputs.shape(W);
    Window resolved = window.resolve(inputs, x, weights);
    KernelSet kernels = context.kernels();
    if (!ConvInteger.isPacked(inputs, resolved, W, W_ZERO)) {
      return direct(new DirectConv(resolved, x.extent(1), weights.extent(0), groups));
    }
    ConvGeometry geometry = resolved.geometry(x.extent(1), weights.extent(0), groups);
    PackedQuantFilters filters = ConvInteger.pack(inputs, context, W, W_ZERO, groups);
    long xSize = (long) geometry.channels() * geometry.inputSize();
    int plane = geometry.outputSize();
    long sums = (long) geometry.filters() * plane;
    long sumBytes = WorkspaceLayout.align(sums * Integer.BYTES);
    ImageSplit split =
        new ImageSplit(
            x.extent(0),
            threads -> sumBytes + kernels.conv().quantWorkspaceBytes(geometry, threads));
    boolean signed = inputs.dtype(X) == DType.INT8;
    return PreparedOperator.withWorkspace(
        split.workspaceBytes(),
        (in, out, run) -> {
          int zeroPoint = (int) in[X_ZERO].asLong(0);
          split.run(
              run,
              (image, workspace, pool) -> {
                MemorySegment own = workspace.asSlice(0, sums * Integer.BYTES);
                kernels
                    .conv()
                    .convI32(
                        geometry,
                        in[X].segment(),
                        image * xSize,
                        signed,
                        zeroPoint,
                        filters,
                        workspace.asSlice(sumBytes),
                        own,
                        0,
                        pool);
                pool.parallelFor(
                    geometry.filters(),
                    Math.max(1, 16384 / Math.max(1, plane)),
                    (from, to) -> {
                      for (int f = from; f < to; f++) {
                        long first = image * sums + (long) f * plane;
                        plane(kernels, in, out[0], f, own, plane, first);
                      }
                    });
              });
        });
  }

  /** Brings one filter's sums to the output's scale. */
  private void plane(
      KernelSet kernels,
      Tensor[] in,
      Tensor y,
      int filter,
      MemorySegment sums,
      int plane,
      long first) {
    long at = (long) filter * plane;
    if (in.length > BIAS && in[BIAS] != null) {
      int bias = in[BIAS].getInt(filter);
      for (int i = 0; i < plane; i++) {
        sums.setAtIndex(INT, at + i, sums.getAtIndex(INT, at + i) + bias);
      }
    }
    kernels
        .quantize()
        .requantize(
            sums,
            at,
            multiplier(in, filter),
            (int) in[Y_ZERO].asLong(0),
            !y.dtype().isUnsigned(),
            y.segment(),
            first,
            plane);
    clamp(y, first, plane);
  }

  /** What a filter's sums are multiplied with. */
  private static float multiplier(Tensor[] in, int filter) {
    float product =
        (float) in[X_SCALE].asDouble(0) * (float) in[W_SCALE].asDouble(filter % in[W_SCALE].size());
    return product / (float) in[Y_SCALE].asDouble(0);
  }

  private void clamp(Tensor y, long first, int count) {
    if (clamp == null) {
      return;
    }
    for (long i = first; i < first + count; i++) {
      y.setFromLong(i, Math.clamp(y.asLong(i), clamp.lowest(), clamp.highest()));
    }
  }

  private PreparedOperator direct(DirectConv conv) {
    return (in, out, run) -> {
      double xZero = in[X_ZERO].asDouble(0);
      int zeroPoint = (int) in[Y_ZERO].asLong(0);
      for (int i = 0; i < out[0].size(); i++) {
        int filter = conv.filter(i);
        double wZero = in[W_ZERO].asDouble(filter % in[W_ZERO].size());
        double sum = conv.sum(in[X], xZero, in[W], wZero, i);
        if (in.length > BIAS && in[BIAS] != null) {
          sum += in[BIAS].getInt(filter);
        }
        out[0].setFromLong(
            i,
            QuantizeLinear.quantized(
                (float) sum * multiplier(in, filter), zeroPoint, out[0].dtype()));
      }
      clamp(out[0], 0, Math.toIntExact(out[0].size()));
    };
  }
}
