package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.graph.RunContext;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * Resizes axis by axis, the innermost first, through two buffers. The nearest filter moves bytes of
 * any element type; the others work on floats, to which other types are converted at the ends.
 */
final class ResizePasses implements PreparedOperator {

  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  /** One axis: [outer, input, inner] to [outer, output, inner]. */
  private record Pass(ResizeAxis axis, int outer, int inner) {
    long outputSize() {
      return (long) outer * axis.output * inner;
    }
  }

  private final TensorType x;
  private final Shape y;
  private final List<Pass> passes;
  private final boolean moves;
  private final float extrapolation;
  private final boolean extrapolates;
  private final long bufferBytes;

  /**
   * @param tables the axes that change
   * @param nearest whether every table has single taps of weight 1
   */
  ResizePasses(
      TensorType x, Shape y, List<ResizeAxis> tables, boolean nearest, float extrapolation) {
    this.x = x;
    this.y = y;
    this.moves = nearest;
    this.extrapolation = extrapolation;
    this.passes = new ArrayList<>();
    Shape shape = x.shape();
    boolean outside = false;
    long largest = shape.size();
    List<ResizeAxis> innermostFirst =
        tables.stream().sorted((a, b) -> Integer.compare(b.axis, a.axis)).toList();
    for (ResizeAxis table : innermostFirst) {
      int outer = shape.product(0, table.axis);
      passes.add(new Pass(table, outer, shape.product(table.axis + 1, shape.rank())));
      shape = shape.with(table.axis, table.output);
      largest = Math.max(largest, shape.size());
      for (boolean extrapolated : table.extrapolated) {
        outside |= extrapolated;
      }
    }
    this.extrapolates = outside;
    this.bufferBytes = WorkspaceLayout.align(largest * (moves ? x.dtype().bytes() : Float.BYTES));
  }

  private boolean convertsTypes() {
    return !moves && x.dtype() != DType.FLOAT32;
  }

  /** Two buffers that passes alternate between, and a third for converted elements. */
  @Override
  public long workspaceBytes() {
    return passes.size() > 1 || convertsTypes() ? 3 * bufferBytes : 0;
  }

  @Override
  public void run(Tensor[] inputs, Tensor[] outputs, RunContext context) {
    if (passes.isEmpty()) {
      outputs[0].copyFrom(inputs[0]);
      return;
    }
    MemorySegment from = inputs[0].segment();
    if (convertsTypes()) {
      from = context.workspace().asSlice(2 * bufferBytes, bufferBytes);
      for (long i = 0; i < inputs[0].size(); i++) {
        from.setAtIndex(FLOAT, i, (float) inputs[0].asDouble(i));
      }
    }
    for (int i = 0; i < passes.size(); i++) {
      boolean last = i == passes.size() - 1;
      MemorySegment to =
          last && !convertsTypes()
              ? outputs[0].segment()
              : context.workspace().asSlice(i % 2 * bufferBytes, bufferBytes);
      pass(passes.get(i), from, to, context);
      from = to;
    }
    if (convertsTypes()) {
      for (long i = 0; i < y.size(); i++) {
        store(outputs[0], i, from.getAtIndex(FLOAT, i));
      }
    }
    if (extrapolates) {
      extrapolate(outputs[0]);
    }
  }

  /** Integers are truncated, as elsewhere, but saturate rather than wrap. */
  private void store(Tensor output, long i, float value) {
    DType type = output.dtype();
    if (type.isInteger() && type.bytes() < Integer.BYTES) {
      int bits = type.bytes() * 8;
      long lowest = type.isUnsigned() ? 0 : -(1L << (bits - 1));
      output.setFromLong(i, Math.clamp((long) value, lowest, lowest + (1L << bits) - 1));
    } else {
      output.setFromDouble(i, value);
    }
  }

  private void pass(Pass pass, MemorySegment from, MemorySegment to, RunContext context) {
    int rows = pass.outer * pass.axis.output;
    int grain = (int) Math.max(1, 16384L * rows / Math.max(1, pass.outputSize()));
    context
        .pool()
        .parallelFor(
            rows,
            grain,
            (first, end) -> {
              for (int row = first; row < end; row++) {
                if (moves) {
                  move(pass, from, to, row);
                } else {
                  mix(pass, from, to, row);
                }
              }
            });
  }

  private void move(Pass pass, MemorySegment from, MemorySegment to, int row) {
    long outer = row / pass.axis.output;
    long source = outer * pass.axis.input + pass.axis.indices[row % pass.axis.output];
    int bytes = x.dtype().bytes() * pass.inner;
    if (bytes == Float.BYTES) {
      to.setAtIndex(
          ValueLayout.JAVA_INT_UNALIGNED,
          row,
          from.getAtIndex(ValueLayout.JAVA_INT_UNALIGNED, source));
    } else {
      MemorySegment.copy(from, source * bytes, to, (long) row * bytes, bytes);
    }
  }

  private static void mix(Pass pass, MemorySegment from, MemorySegment to, int row) {
    ResizeAxis axis = pass.axis;
    int inner = pass.inner;
    long outer = (long) (row / axis.output) * axis.input;
    int first = row % axis.output * axis.taps;
    long target = (long) row * inner;
    for (int i = 0; i < inner; i++) {
      float sum = 0;
      for (int t = 0; t < axis.taps; t++) {
        long source = (outer + axis.indices[first + t]) * inner + i;
        sum += axis.weights[first + t] * from.getAtIndex(FLOAT, source);
      }
      to.setAtIndex(FLOAT, target + i, sum);
    }
  }

  /** Overwrites what lies outside the input along any axis. */
  private void extrapolate(Tensor output) {
    for (Pass pass : passes) {
      int axis = pass.axis.axis;
      int outer = y.product(0, axis);
      int inner = y.product(axis + 1, y.rank());
      for (int row = 0; row < outer * pass.axis.output; row++) {
        if (pass.axis.extrapolated[row % pass.axis.output]) {
          for (long i = (long) row * inner; i < (row + 1L) * inner; i++) {
            output.setFromDouble(i, extrapolation);
          }
        }
      }
    }
  }
}
