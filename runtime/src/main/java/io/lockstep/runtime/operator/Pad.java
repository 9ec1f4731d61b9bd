package io.lockstep.runtime.operator;

import io.lockstep.runtime.error.UnsupportedModelException;
import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import io.lockstep.runtime.tensor.Tensors;
import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * ONNX Pad 2-25: x with entries added before and behind each axis, or taken away where a pad is
 * negative.
 *
 * <p>Before version 11 pads and value are attributes; since then they are the inputs 1 and 2, and
 * the axes that the pads are for input 3.
 *
 * @param pads all axes' entries before, then all axes' entries behind
 */
record Pad(Mode mode, List<Long> pads, float value) implements Operator {

  /** What stands in an added entry. */
  enum Mode {
    /** One value everywhere. */
    CONSTANT,
    /** The nearest entry of x. */
    EDGE,
    /** The entries of x mirrored at its first and last one. */
    REFLECT,
    /** The entries of x over and over again. */
    WRAP;

    /** The entry of an axis of {@code extent} that stands at {@code place}; -1 for none. */
    int entry(long place, int extent) {
      if (place >= 0 && place < extent) {
        return (int) place;
      }
      return switch (this) {
        case CONSTANT -> -1;
        case EDGE -> place < 0 ? 0 : extent - 1;
        case WRAP -> (int) Math.floorMod(place, (long) extent);
        case REFLECT -> {
          long period = Math.max(1, 2L * (extent - 1));
          long within = Math.floorMod(place, period);
          yield (int) Math.min(within, period - within);
        }
      };
    }
  }

  static Pad of(NodeAttributes attributes) {
    String mode = attributes.stringOr("mode", "constant").toUpperCase(Locale.ROOT);
    for (Mode known : Mode.values()) {
      if (known.name().equals(mode)) {
        return new Pad(
            known,
            LongStream.of(attributes.ints("pads")).boxed().toList(),
            attributes.floatOr("value", 0));
      }
    }
    throw new UnsupportedModelException("Pad: the mode " + mode + " is unknown");
  }

  @Override
  public String name() {
    return "Pad";
  }

  @Override
  public boolean needsValue(int input) {
    return input == 1 || input == 3;
  }

  /** Entries before each axis, then behind each axis, for all axes of x. */
  private long[] allPads(OperatorInputs inputs) {
    int rank = inputs.shape(0).rank();
    long[] given =
        inputs.has(1)
            ? inputs.value(1).toLongs()
            : pads.stream().mapToLong(Long::longValue).toArray();
    long @Nullable [] axes = inputs.longsOrNull(3);
    int count = axes == null ? rank : axes.length;
    if (given.length != 2 * count) {
      throw inputs.invalid("%d pads for %d axes".formatted(given.length, count));
    }
    long[] all = new long[2 * rank];
    for (int i = 0; i < count; i++) {
      int axis = axes == null ? i : Axes.resolve(inputs, axes[i], rank);
      all[axis] = given[i];
      all[rank + axis] = given[count + i];
    }
    return all;
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    Shape x = inputs.shape(0);
    long[] all = allPads(inputs);
    long[] extents = new long[x.rank()];
    for (int axis = 0; axis < extents.length; axis++) {
      extents[axis] = x.extent(axis) + all[axis] + all[extents.length + axis];
      if (mode != Mode.CONSTANT && x.extent(axis) == 0 && extents[axis] > 0) {
        throw inputs.invalid("axis %d of %s has no entry to repeat".formatted(axis, x));
      }
    }
    return List.of(inputs.type(0).withShape(Shape.ofLongs(extents)));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    TensorType y = outputTypes(inputs).getFirst();
    return mode == Mode.CONSTANT ? constant(inputs, y) : repeating(inputs, y);
  }

  private PreparedOperator constant(OperatorInputs inputs, TensorType y) {
    boolean isGiven = inputs.has(2) && inputs.shape(2).size() > 0;
    Tensor absent = Tensors.zeros(y.withShape(Shape.scalar()));
    if (y.dtype() == DType.STRING) {
      absent.setString(0, "");
    } else {
      absent.setFromDouble(0, value);
    }
    StridedCopy fill = Expand.spread(y.withShape(Shape.scalar()), y.shape());
    StridedCopy inside = inside(inputs.shape(0), y, allPads(inputs));
    return (in, out, run) -> {
      fill.run(isGiven ? in[2] : absent, out[0], run);
      inside.run(in[0], out[0], run);
    };
  }

  /**
   * The copy of what x and y share.
   *
   * @param pads entries before each axis, then behind each axis; negative ones are cut off
   */
  static StridedCopy inside(Shape x, TensorType y, long[] pads) {
    int rank = x.rank();
    long[] from = x.strides();
    long[] to = y.shape().strides();
    int[] extents = new int[rank];
    long fromStart = 0;
    long toStart = 0;
    for (int axis = 0; axis < rank; axis++) {
      long cutBefore = Math.max(0, -pads[axis]);
      long cutBehind = Math.max(0, -pads[rank + axis]);
      extents[axis] = (int) Math.max(0, x.extent(axis) - cutBefore - cutBehind);
      fromStart += cutBefore * from[axis];
      toStart += Math.max(0, pads[axis]) * to[axis];
    }
    return StridedCopy.of(y.dtype(), extents, fromStart, from, toStart, to);
  }

  private PreparedOperator repeating(OperatorInputs inputs, TensorType y) {
    Shape x = inputs.shape(0);
    long[] all = allPads(inputs);
    long[] strides = x.strides();
    int rank = y.shape().rank();
    long[][] places = new long[rank][];
    for (int axis = 0; axis < rank; axis++) {
      places[axis] = new long[y.shape().extent(axis)];
      for (int i = 0; i < places[axis].length; i++) {
        places[axis][i] = mode.entry(i - all[axis], x.extent(axis)) * strides[axis];
      }
    }
    long size = y.shape().size();
    return (in, out, run) ->
        Chunks.forEach(
            run.pool(),
            size,
            (first, count) -> {
              for (long i = first; i < first + count; i++) {
                Elements.copy(in[0], place(places, i), out[0], i);
              }
            });
  }

  private static long place(long[][] places, long index) {
    long rest = index;
    long at = 0;
    for (int axis = places.length - 1; axis >= 0; axis--) {
      int extent = places[axis].length;
      at += places[axis][(int) (rest % extent)];
      rest /= extent;
    }
    return at;
  }
}
