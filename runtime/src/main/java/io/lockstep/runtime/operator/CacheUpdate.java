package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;

/**
 * ONNX TensorScatter 24: a cache [batch, ..., sequence, ...] with an update written along {@code
 * axis} from an index of its own for each item of the batch on (input 2; 0 without it).
 *
 * @param circular whether writing goes on at the front of the cache when its end is reached
 */
record CacheUpdate(long axis, boolean circular) implements Operator {

  static CacheUpdate of(NodeAttributes attributes) {
    return new CacheUpdate(
        attributes.intOr("axis", -2), attributes.stringOr("mode", "linear").equals("circular"));
  }

  @Override
  public String name() {
    return "TensorScatter";
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Shape cache = inputs.shape(0);
    Shape update = inputs.shape(1);
    int along = Axes.resolve(inputs, axis, cache.rank());
    boolean fits =
        along > 0
            && update.rank() == cache.rank()
            && update.extent(along) <= cache.extent(along)
            && update.with(along, 0).equals(cache.with(along, 0))
            && inputs.dtype(0) == inputs.dtype(1);
    if (!fits) {
      throw inputs.invalid(
          "update %s does not fit cache %s along axis %d"
              .formatted(inputs.type(1), inputs.type(0), along));
    }
    return List.of(inputs.type(0));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Shape cache = inputs.shape(0);
    int along = Axes.resolve(inputs, axis, cache.rank());
    int extent = cache.extent(along);
    int steps = inputs.shape(1).extent(along);
    int batch = cache.extent(0);
    int middle = cache.product(1, along);
    int inner = cache.product(along + 1, cache.rank());
    boolean hasIndices = inputs.has(2);
    return PreparedOperator.inPlace(
        0,
        (in, out, _) -> {
          Placement.start(in[0], out[0]);
          for (int row = 0; row < batch * middle * steps; row++) {
            int step = row % steps;
            int outer = row / steps;
            long first = hasIndices ? in[2].asLong(outer / middle) : 0;
            long to = (outer * (long) extent + entry(first + step, extent)) * inner;
            copy(in[1], (long) row * inner, out[0], to, inner);
          }
        });
  }

  private long entry(long entry, int extent) {
    return circular ? Math.floorMod(entry, extent) : Indices.resolve(name(), entry, extent);
  }

  private static void copy(Tensor from, long source, Tensor to, long target, int count) {
    for (int i = 0; i < count; i++) {
      Elements.copy(from, source + i, to, target + i);
    }
  }
}
