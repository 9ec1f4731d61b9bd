package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.graph.RunContext;
import io.lockstep.runtime.kernel.Activation;
import io.lockstep.runtime.kernel.Conv.PackedFilters;
import io.lockstep.runtime.kernel.ConvGeometry;
import io.lockstep.runtime.kernel.KernelSet;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;

/**
 * ONNX Conv 1-22: y = activation(x * w + bias + residual), over one to three spatial axes.
 *
 * <p>Inputs: x [batch, channels, spatial...]; w [filters, channels / groups, kernel...]; bias
 * [filters], optional; residual of y's shape, optional, only after a rewrite.
 *
 * @param activation fused by a rewrite; {@link Activation#NONE} as read from a model
 */
public record Conv(WindowAttributes window, int groups, Activation activation) implements Operator {

  static final int X = 0;
  static final int WEIGHTS = 1;
  static final int BIAS = 2;

  /** The input that a rewrite adds to the result before the activation. */
  public static final int RESIDUAL = 3;

  public static Conv of(NodeAttributes attributes) {
    return new Conv(
        WindowAttributes.of(attributes),
        Math.toIntExact(attributes.intOr("group", 1)),
        Activation.NONE);
  }

  public Conv withActivation(Activation fused) {
    return new Conv(window, groups, fused);
  }

  @Override
  public String name() {
    return "Conv";
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Shape x = inputs.shape(X);
    Shape weights = inputs.shape(WEIGHTS);
    checkWeights(inputs, x, weights, groups);
    Window resolved = window.resolve(inputs, x, weights);
    TensorType y = inputs.type(X).withShape(resolved.outputShape(x.extent(0), weights.extent(0)));
    if (inputs.has(BIAS) && inputs.shape(BIAS).size() != weights.extent(0)) {
      throw inputs.invalid(
          "bias " + inputs.shape(BIAS) + " does not fit " + weights.extent(0) + " filters");
    }
    if (inputs.has(RESIDUAL) && !inputs.shape(RESIDUAL).equals(y.shape())) {
      throw inputs.invalid(
          "residual " + inputs.shape(RESIDUAL) + " does not have the output's shape " + y.shape());
    }
    return List.of(y);
  }

  /** Refuses weights [filters, channels / groups, kernel...] that do not fit x. */
  static void checkWeights(OperatorInputs inputs, Shape x, Shape weights, int groups) {
    if (weights.rank() != x.rank()
        || groups < 1
        || weights.extent(0) % groups != 0
        || x.extent(1) != weights.extent(1) * groups) {
      throw inputs.invalid(
          "weights " + weights + " in " + groups + " groups do not fit the input " + x);
    }
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Shape x = inputs.shape(X);
    Shape weights = inputs.shape(WEIGHTS);
    Window resolved = window.resolve(inputs, x, weights);
    int channels = x.extent(1);
    int filters = weights.extent(0);
    if (inputs.dtype(X) != DType.FLOAT32
        || !resolved.isPlane()
        || inputs.constant(WEIGHTS).isEmpty()) {
      return direct(new DirectConv(resolved, channels, filters, groups), context.kernels());
    }
    ConvGeometry geometry = resolved.geometry(channels, filters, groups);
    PackedFilters packed =
        context.packed(
            WEIGHTS,
            "conv/" + groups,
            (constant, owner) -> context.kernels().conv().pack(constant, groups, owner));
    return planes(x.extent(0), geometry, packed, context.kernels());
  }

  private PreparedOperator planes(
      int images, ConvGeometry geometry, PackedFilters packed, KernelSet kernels) {
    ImageSplit split =
        new ImageSplit(images, threads -> kernels.conv().workspaceBytes(geometry, threads));
    long xSize = (long) geometry.channels() * geometry.inputSize();
    long ySize = (long) geometry.filters() * geometry.outputSize();
    return PreparedOperator.withWorkspace(
        split.workspaceBytes(),
        (in, out, run) ->
            split.run(
                run,
                (image, workspace, pool) ->
                    kernels
                        .conv()
                        .convF32(
                            geometry,
                            in[X].segment(),
                            image * xSize,
                            packed,
                            in.length > BIAS && in[BIAS] != null ? in[BIAS].segment() : null,
                            in.length > RESIDUAL && in[RESIDUAL] != null
                                ? in[RESIDUAL].segment()
                                : null,
                            activation,
                            workspace,
                            out[0].segment(),
                            image * ySize,
                            pool)));
  }

  private PreparedOperator direct(DirectConv conv, KernelSet kernels) {
    return (in, out, run) -> {
      Tensor y = out[0];
      run.pool()
          .parallelFor(
              y.shape().intSize(),
              1024,
              (from, to) -> {
                for (int i = from; i < to; i++) {
                  double sum = conv.sum(in[X], 0, in[WEIGHTS], 0, i);
                  if (in.length > BIAS && in[BIAS] != null) {
                    sum += in[BIAS].asDouble(conv.filter(i));
                  }
                  if (in.length > RESIDUAL && in[RESIDUAL] != null) {
                    sum += in[RESIDUAL].asDouble(i);
                  }
                  y.setFromDouble(i, sum);
                }
              });
      applyInPlace(activation, y, kernels, run);
    };
  }

  /** Applies a fused activation, which only rewrites of 32-bit models set, to a whole tensor. */
  static void applyInPlace(Activation activation, Tensor y, KernelSet kernels, RunContext run) {
    if (!activation.isNone()) {
      run.pool()
          .parallelFor(
              y.shape().intSize(),
              16384,
              (from, to) ->
                  kernels
                      .elementwise()
                      .unary(activation, y.segment(), from, y.segment(), from, to - from));
    }
  }
}
