package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * ONNX Split 2-18: x cut along {@code axis} into parts.
 *
 * @param sizes the parts' extents where they are an attribute (before version 13); empty elsewhere
 * @param parts how many parts there are; equal ones, the last perhaps smaller, without sizes
 */
record Split(int axis, List<Long> sizes, int parts) implements LayoutAware {

  static Split of(NodeAttributes attributes) {
    return new Split(
        Math.toIntExact(attributes.intOr("axis", 0)),
        LongStream.of(attributes.ints("split")).boxed().toList(),
        Math.toIntExact(attributes.intOr("num_outputs", attributes.outputCount())));
  }

  @Override
  public String name() {
    return "Split";
  }

  @Override
  public boolean needsValue(int input) {
    return input == 1;
  }

  private long[] extents(OperatorInputs inputs, int extent) {
    long @Nullable [] given = inputs.longsOrNull(1);
    if (given == null && !sizes.isEmpty()) {
      given = sizes.stream().mapToLong(Long::longValue).toArray();
    }
    if (given == null) {
      long size = (extent + parts - 1L) / parts;
      given = new long[parts];
      for (int i = 0; i < parts; i++) {
        given[i] = Math.clamp(extent - i * size, 0, size);
      }
    }
    long sum = 0;
    for (long part : given) {
      if (part < 0) {
        throw inputs.invalid("a part has the negative extent " + part);
      }
      sum = Math.addExact(sum, part);
    }
    if (sum != extent) {
      throw inputs.invalid("the parts have %d entries, expected %d".formatted(sum, extent));
    }
    return given;
  }

  @Override
  public Optional<Operator> channelsLast(int rank) {
    return Optional.of(new Split(ImageLayout.axisLast(axis, rank), sizes, parts));
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Shape x = inputs.shape(0);
    int at = Axes.resolve(inputs, axis, x.rank());
    List<TensorType> types = new ArrayList<>();
    for (long extent : extents(inputs, x.extent(at))) {
      types.add(inputs.type(0).withShape(x.with(at, (int) extent)));
    }
    return types;
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Shape x = inputs.shape(0);
    int at = Axes.resolve(inputs, axis, x.rank());
    List<TensorType> types = outputTypes(inputs);
    long[] strides = x.strides();
    StridedCopy[] copies = new StridedCopy[types.size()];
    long first = 0;
    for (int i = 0; i < copies.length; i++) {
      Shape part = types.get(i).shape();
      copies[i] = StridedCopy.gather(inputs.dtype(0), part, first * strides[at], strides);
      first += part.extent(at);
    }
    return (in, out, run) -> {
      for (int i = 0; i < copies.length; i++) {
        copies[i].run(in[0], out[i], run);
      }
    };
  }
}
