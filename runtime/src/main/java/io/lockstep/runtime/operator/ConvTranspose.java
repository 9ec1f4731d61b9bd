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
 * @param layout of x and y; as read from a model, channels come first
 */
public record ConvTranspose(TransposedWindow window, int groups, ImageLayout layout)
    implements LayoutAware {

  public static ConvTranspose of(NodeAttributes attributes) {
    return new ConvTranspose(
        TransposedWindow.of(attributes),
        Math.toIntExact(attributes.intOr("group", 1)),
        ImageLayout.CHANNELS_FIRST);
  }

  @Override
  public String name() {
    return "ConvTranspose";
  }

  @Override
  public Optional<Operator> channelsLast(int rank) {
    return Optional.of(new ConvTranspose(window, groups, ImageLayout.CHANNELS_LAST));
  }

  @Override
  public int wantedRank(IntFunction<Optional<Tensor>> constant) {
    return Conv.wantedRank(constant.apply(1).filter(w -> w.dtype() == DType.FLOAT32));
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Shape x = layout.channelsFirst(inputs.shape(0));
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
    return List.of(inputs.type(0).withShape(layout.of(image)));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Shape x = layout.channelsFirst(inputs.shape(0));
    Shape weights = inputs.shape(1);
    Window resolved = window.resolve(inputs, x, weights);
    int filters = weights.extent(1) * groups;
    if (inputs.dtype(0) != DType.FLOAT32 || !resolved.isPlane() || inputs.constant(1).isEmpty()) {
      return new ScatterConv(resolved, x.extent(0), x.extent(1), filters, groups).direct();
    }
    PreparedOperator body =
        new TransposedConv(resolved, x.extent(0), x.extent(1), filters, groups).prepared(context);
    return layout == ImageLayout.CHANNELS_LAST
        ? body
        : LayoutBridge.toLast(body, inputs, outputTypes(inputs).getFirst(), 0);
  }
}
