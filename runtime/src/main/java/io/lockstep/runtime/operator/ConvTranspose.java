package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;

/**
 * ONNX ConvTranspose 1-22: the transpose of a convolution; every element of x adds its filter,
 * scaled, to y. Over one to three spatial axes.
 *
 * <p>Inputs: x [batch, channels, spatial...]; w [channels, filters / groups, kernel...]; bias
 * [filters], optional. Output: y [batch, filters, spatial...].
 *
 * @param from layout of x; as read from a model, channels come first
 * @param to layout of y, likewise
 */
public record ConvTranspose(TransposedWindow window, int groups, ImageLayout from, ImageLayout to)
    implements ImageTurner {

  public static ConvTranspose of(NodeAttributes attributes) {
    return new ConvTranspose(
        TransposedWindow.of(attributes),
        Math.toIntExact(attributes.intOr("group", 1)),
        ImageLayout.CHANNELS_FIRST,
        ImageLayout.CHANNELS_FIRST);
  }

  @Override
  public String name() {
    return "ConvTranspose";
  }

  @Override
  public Optional<Operator> channelsLast(int rank) {
    return Optional.of(withLayouts(ImageLayout.CHANNELS_LAST, ImageLayout.CHANNELS_LAST));
  }

  @Override
  public boolean turnsImages() {
    return groups == 1;
  }

  @Override
  public ConvTranspose withLayouts(ImageLayout newFrom, ImageLayout newTo) {
    return new ConvTranspose(window, groups, newFrom, newTo);
  }

  @Override
  public int wantedRank(IntFunction<Optional<Tensor>> constant) {
    return Conv.wantedRank(constant.apply(1).filter(w -> w.dtype() == DType.FLOAT32));
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Shape x = from.channelsFirst(inputs.shape(0));
    Shape weights = inputs.shape(1);
    if (weights.rank() != x.rank()
        || groups < 1
        || x.extent(1) % groups != 0
        || weights.extent(0) != x.extent(1)) {
      throw inputs.invalid(
          "weights %s in %d groups do not fit the input %s".formatted(weights, groups, x));
    }
    int filters = weights.extent(1) * groups;
    if (inputs.has(2) && inputs.shape(2).size() != filters) {
      throw inputs.invalid("bias " + inputs.shape(2) + " does not fit " + filters + " filters");
    }
    Window resolved = window.resolve(inputs, x, weights);
    Shape image = TransposedWindow.image(resolved, x, filters);
    return List.of(inputs.type(0).withShape(to.of(image)));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Shape x = from.channelsFirst(inputs.shape(0));
    Shape weights = inputs.shape(1);
    Window resolved = window.resolve(inputs, x, weights);
    int filters = weights.extent(1) * groups;
    if (inputs.dtype(0) != DType.FLOAT32 || !resolved.isPlane() || inputs.constant(1).isEmpty()) {
      return new ScatterConv(resolved, x.extent(0), x.extent(1), filters, groups).direct();
    }
    if (TiledTransposedConv.takes(resolved, groups)) {
      return new TiledTransposedConv(resolved, x.extent(0), x.extent(1), filters, from, to)
          .prepared(context);
    }
    PreparedOperator body =
        new TransposedConv(resolved, x.extent(0), x.extent(1), filters, groups).prepared(context);
    int[] turned = from == ImageLayout.CHANNELS_FIRST ? new int[] {0} : new int[0];
    return LayoutBridge.toLast(
        body, inputs, outputTypes(inputs).getFirst(), to == ImageLayout.CHANNELS_FIRST, turned);
  }
}
