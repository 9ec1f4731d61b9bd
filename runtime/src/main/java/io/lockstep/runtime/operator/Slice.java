package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * ONNX Slice 1-13: from a start up to an end in steps, axis by axis; places before the first or
 * behind the last element count as those.
 *
 * <p>Before version 10 starts, ends and axes are attributes; since then they are the inputs 1 to 3,
 * and steps, which may be negative, the input 4.
 */
public record Slice(List<Long> starts, List<Long> ends, List<Long> axes) implements Operator {

  static Slice of(NodeAttributes attributes) {
    return new Slice(
        LongStream.of(attributes.ints("starts")).boxed().toList(),
        LongStream.of(attributes.ints("ends")).boxed().toList(),
        LongStream.of(attributes.ints("axes")).boxed().toList());
  }

  @Override
  public String name() {
    return "Slice";
  }

  @Override
  public boolean needsValue(int input) {
    return input > 0;
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    return List.of(inputs.type(0).withShape(Region.of(this, inputs).shape()));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    Region region = Region.of(this, inputs);
    return StridedCopy.gather(inputs.dtype(0), region.shape(), region.first, region.strides)
        .prepared(inputs.shape(0).size());
  }

  /** The elements that are taken, as a pattern of places in x. */
  private static final class Region {
    private long first;
    private final int[] extents;
    private final long[] strides;

    private Region(Shape x) {
      extents = x.toArray();
      strides = x.strides();
    }

    static Region of(Slice slice, OperatorInputs inputs) {
      Shape x = inputs.shape(0);
      boolean fromInputs = inputs.has(1);
      long[] starts = fromInputs ? inputs.value(1).toLongs() : unboxed(slice.starts);
      long[] ends = fromInputs ? inputs.value(2).toLongs() : unboxed(slice.ends);
      long @Nullable [] axes = fromInputs ? inputs.longsOrNull(3) : unboxed(slice.axes);
      long @Nullable [] steps = inputs.longsOrNull(4);
      if (axes == null || axes.length == 0) {
        axes = LongStream.range(0, starts.length).toArray();
      }
      if (starts.length != ends.length
          || axes.length != starts.length
          || (steps != null && steps.length != starts.length)) {
        throw inputs.invalid(
            "%d starts, %d ends and %d axes".formatted(starts.length, ends.length, axes.length));
      }
      Axes.marked(inputs, axes, x.rank());
      Region region = new Region(x);
      for (int i = 0; i < axes.length; i++) {
        int axis = Axes.resolve(inputs, axes[i], x.rank());
        long step = steps == null ? 1 : steps[i];
        if (step == 0) {
          throw inputs.invalid("the step along axis " + axis + " is 0");
        }
        region.cut(axis, starts[i], ends[i], step);
      }
      return region;
    }

    private static long[] unboxed(List<Long> values) {
      return values.stream().mapToLong(Long::longValue).toArray();
    }

    private void cut(int axis, long start, long end, long step) {
      long extent = extents[axis];
      long from = start < 0 ? start + extent : start;
      long to = end < 0 ? end + extent : end;
      long count;
      if (step > 0) {
        from = Math.clamp(from, 0, extent);
        to = Math.clamp(to, 0, extent);
        count = to <= from ? 0 : (to - from - 1) / step + 1;
      } else {
        from = Math.clamp(from, -1, extent - 1);
        to = Math.clamp(to, -1, extent - 1);
        count = from <= to ? 0 : (from - to - 1) / -Math.max(step, -Long.MAX_VALUE) + 1;
      }
      extents[axis] = (int) count;
      if (count > 0) {
        first += from * strides[axis];
      }
      strides[axis] *= count > 1 ? step : 1;
    }

    Shape shape() {
      return Shape.of(extents);
    }
  }
}
