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
import io.lockstep.runtime.kernel.Epilogue;
import io.lockstep.runtime.kernel.KernelSet;
import io.lockstep.runtime.kernel.PlanarConv;
import io.lockstep.runtime.kernel.PlanarConv.Planes;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * ONNX Conv 1-22: y = activation(x * w + bias + residual), over one to three spatial axes.
 *
 * <p>Inputs: x [batch, channels, spatial...]; w [filters, channels / groups, kernel...]; bias
 * [filters], optional; residual of y's shape, optional, only after a rewrite.
 *
 * @param activation fused by a rewrite; {@link Activation#NONE} as read from a model
 * @param from layout of x; as read from a model, channels come first
 * @param to layout of residual and y, likewise
 */
public record Conv(
    WindowAttributes window, int groups, Activation activation, ImageLayout from, ImageLayout to)
    implements ImageTurner {

  static final int X = 0;
  static final int WEIGHTS = 1;
  static final int BIAS = 2;

  /** The input that a rewrite adds to the result before the activation. */
  public static final int RESIDUAL = 3;

  public static Conv of(NodeAttributes attributes) {
    return new Conv(
        WindowAttributes.of(attributes),
        Math.toIntExact(attributes.intOr("group", 1)),
        Activation.NONE,
        ImageLayout.CHANNELS_FIRST,
        ImageLayout.CHANNELS_FIRST);
  }

  public Conv withActivation(Activation fused) {
    return new Conv(window, groups, fused, from, to);
  }

  @Override
  public boolean turnsImages() {
    return groups == 1;
  }

  @Override
  public Conv withLayouts(ImageLayout newFrom, ImageLayout newTo) {
    return new Conv(window, groups, activation, newFrom, newTo);
  }

  @Override
  public Optional<Operator> channelsLast(int rank) {
    return Optional.of(withLayouts(ImageLayout.CHANNELS_LAST, ImageLayout.CHANNELS_LAST));
  }

  @Override
  public boolean isImage(int input) {
    return input == X || input == RESIDUAL;
  }

  @Override
  public int wantedRank(IntFunction<Optional<Tensor>> constant) {
    return wantedRank(constant.apply(WEIGHTS).filter(w -> w.dtype() == DType.FLOAT32));
  }

  /** The rank of constant weights that the two-dimensional kernels take, or 0. */
  static int wantedRank(Optional<Tensor> weights) {
    int rank = weights.map(constant -> constant.shape().rank()).orElse(0);
    return rank == 3 || rank == 4 ? rank : 0;
  }

  @Override
  public String name() {
    return "Conv";
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Shape x = from.channelsFirst(inputs.shape(X));
    Shape weights = inputs.shape(WEIGHTS);
    checkWeights(inputs, x, weights, groups);
    Window resolved = window.resolve(inputs, x, weights);
    Shape image = resolved.outputShape(x.extent(0), weights.extent(0));
    TensorType y = inputs.type(X).withShape(to.of(image));
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
    Shape x = from.channelsFirst(inputs.shape(X));
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
            (constant, owner) -> context.kernels().conv().pack(planes(constant), groups, owner));
    Planes planes =
        new Planes(from == ImageLayout.CHANNELS_FIRST, to == ImageLayout.CHANNELS_FIRST);
    if (!planes.y() || !inputs.has(RESIDUAL)) {
      Optional<PlanarConv> planar = context.kernels().conv().planar(geometry, planes, packed);
      if (planar.isPresent() && (planes.x() || planes.y())) {
        return planar(x.extent(0), planar.get());
      }
    }
    PreparedOperator body = images(x.extent(0), geometry, packed, context.kernels());
    return LayoutBridge.toLast(
        body, inputs, outputTypes(inputs).getFirst(), planes.y(), turned(planes));
  }

  /** The inputs whose channels come first. */
  private static int[] turned(Planes planes) {
    return IntStream.concat(
            planes.x() ? IntStream.of(X) : IntStream.empty(),
            planes.y() ? IntStream.of(RESIDUAL) : IntStream.empty())
        .toArray();
  }

  private PreparedOperator planar(int images, PlanarConv conv) {
    int threads = Runtime.getRuntime().availableProcessors();
    return PreparedOperator.withWorkspace(
        conv.workspaceBytes(threads),
        (in, out, run) ->
            conv.run(
                images,
                in[X].segment(),
                new Epilogue(segment(in, BIAS), segment(in, RESIDUAL), activation),
                run.workspace(),
                out[0].segment(),
                run.poolOf(threads)));
  }

  /** Weights over one spatial axis as such over two, of which the first has extent 1. */
  static Tensor planes(Tensor weights) {
    Shape shape = weights.shape();
    return shape.rank() == 4
        ? weights
        : weights.reshaped(Shape.of(shape.extent(0), shape.extent(1), 1, shape.extent(2)));
  }

  private PreparedOperator images(
      int images, ConvGeometry geometry, PackedFilters packed, KernelSet kernels) {
    int threads = Runtime.getRuntime().availableProcessors();
    return PreparedOperator.withWorkspace(
        kernels.conv().workspaceBytes(images, geometry, packed, threads),
        (in, out, run) ->
            kernels
                .conv()
                .convF32(
                    images,
                    geometry,
                    in[X].segment(),
                    packed,
                    new Epilogue(segment(in, BIAS), segment(in, RESIDUAL), activation),
                    run.workspace(),
                    out[0].segment(),
                    run.poolOf(threads)));
  }

  private static @Nullable MemorySegment segment(Tensor[] in, int input) {
    return in.length > input && in[input] != null ? in[input].segment() : null;
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
