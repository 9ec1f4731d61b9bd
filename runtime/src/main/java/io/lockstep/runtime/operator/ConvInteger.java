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
import io.lockstep.runtime.tensor.TensorType;
import java.util.Arrays;
import java.util.List;

/**
 * ONNX ConvInteger 10: y = (x - xZeroPoint) * (w - wZeroPoint) in 32-bit integers; padding counts
 * as x's zero point.
 *
 * <p>Inputs: x INT8 or UINT8 [batch, channels, spatial...]; w INT8 or UINT8 [filters, channels /
 * groups, kernel...]; x's zero point, scalar; w's, scalar or [filters]; both optional.
 */
public record ConvInteger(WindowAttributes window, int groups) implements Operator {

  private static final int X_ZERO = 2;
  private static final int W_ZERO = 3;

  public static ConvInteger of(NodeAttributes attributes) {
    return new ConvInteger(
        WindowAttributes.of(attributes), Math.toIntExact(attributes.intOr("group", 1)));
  }

  @Override
  public String name() {
    return "ConvInteger";
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Shape x = inputs.shape(0);
    Shape weights = inputs.shape(1);
    Conv.checkWeights(inputs, x, weights, groups);
    Window resolved = window.resolve(inputs, x, weights);
    return List.of(
        new TensorType(DType.INT32, resolved.outputShape(x.extent(0), weights.extent(0))));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Shape x = inputs.shape(0);
    Shape weights = inputs.shape(1);
    Window resolved = window.resolve(inputs, x, weights);
    if (!isPacked(inputs, resolved, 1, W_ZERO)) {
      return direct(new DirectConv(resolved, x.extent(1), weights.extent(0), groups));
    }
    ConvGeometry geometry = resolved.geometry(x.extent(1), weights.extent(0), groups);
    PackedQuantFilters filters = pack(inputs, context, 1, W_ZERO, groups);
    KernelSet kernels = context.kernels();
    ImageSplit split =
        new ImageSplit(
            x.extent(0), threads -> kernels.conv().quantWorkspaceBytes(geometry, threads));
    boolean signed = inputs.dtype(0) == DType.INT8;
    long xSize = (long) geometry.channels() * geometry.inputSize();
    long ySize = (long) geometry.filters() * geometry.outputSize();
    return PreparedOperator.withWorkspace(
        split.workspaceBytes(),
        (in, out, run) -> {
          int zeroPoint = in.length > X_ZERO && in[X_ZERO] != null ? (int) in[X_ZERO].asLong(0) : 0;
          split.run(
              run,
              (image, workspace, pool) ->
                  kernels
                      .conv()
                      .convI32(
                          geometry,
                          in[0].segment(),
                          image * xSize,
                          signed,
                          zeroPoint,
                          filters,
                          workspace,
                          out[0].segment(),
                          image * ySize,
                          pool));
        });
  }

  /** Whether weights and their zero point are known and have a kernel. */
  static boolean isPacked(OperatorInputs inputs, Window window, int weights, int zeroPoint) {
    return window.isPlane()
        && inputs.constant(weights).isPresent()
        && (!inputs.has(zeroPoint) || inputs.constant(zeroPoint).isPresent());
  }

  /** The kernel's form of constant 8-bit filters. */
  static PackedQuantFilters pack(
      OperatorInputs inputs, PrepareContext context, int weights, int zeroPoint, int groups) {
    var zero = inputs.has(zeroPoint) ? inputs.value(zeroPoint) : null;
    String zeroKey = zero == null ? "0" : Integer.toString(Arrays.hashCode(zero.toLongs()));
    return context.packed(
        weights,
        "quant-conv/" + groups + "/" + zeroKey,
        (constant, owner) -> context.kernels().conv().packQuant(constant, groups, zero, owner));
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
