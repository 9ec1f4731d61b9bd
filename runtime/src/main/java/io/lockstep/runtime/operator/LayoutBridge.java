package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.BatchLayout;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.graph.RunContext;
import io.lockstep.runtime.kernel.ComputePool;
import io.lockstep.runtime.kernel.Copies;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs what wants images in one layout on images in the other: copies in and out of the workspace.
 * Rewrites leave little of this; a branch that a plan inlines has not seen them.
 */
final class LayoutBridge {

  /** An input that is copied. */
  private record Part(int input, TensorType type, StridedCopy copy, long offset) {}

  private final PreparedOperator body;
  private final List<Part> parts;
  private final TensorType y;

  /** How the result is turned; null where it is not. */
  private final @Nullable StridedCopy result;

  private final long resultOffset;
  private final long bodyOffset;

  private LayoutBridge(
      PreparedOperator body,
      ImageLayout inner,
      OperatorInputs inputs,
      TensorType y,
      boolean turnsResult,
      int... images) {
    this.body = body;
    WorkspaceLayout layout = new WorkspaceLayout();
    this.parts = new ArrayList<>();
    for (int input : images) {
      if (inputs.has(input)) {
        TensorType type = inputs.type(input);
        TensorType copied = type.withShape(inner.convert(type.shape()));
        StridedCopy copy = copy(type, copied.shape(), inner);
        parts.add(new Part(input, copied, copy, layout.add(bytes(type))));
      }
    }
    this.y = y.withShape(inner.convert(y.shape()));
    this.result = turnsResult ? copy(this.y, y.shape(), inner.other()) : null;
    this.resultOffset = turnsResult ? layout.add(bytes(y)) : 0;
    this.bodyOffset = layout.add(body.workspaceBytes());
  }

  /**
   * A prepared operator for images with their channels first.
   *
   * @param body the same for images with their channels last
   * @param y the result's type with its channels first
   * @param images the inputs that are images
   */
  static PreparedOperator toLast(
      PreparedOperator body, OperatorInputs inputs, TensorType y, int... images) {
    return toLast(body, inputs, y, true, images);
  }

  /**
   * The same for a result that may have its channels last.
   *
   * @param y the result's type, with its channels first if {@code turnsResult}
   */
  static PreparedOperator toLast(
      PreparedOperator body,
      OperatorInputs inputs,
      TensorType y,
      boolean turnsResult,
      int... images) {
    return images.length == 0 && !turnsResult
        ? body
        : new LayoutBridge(body, ImageLayout.CHANNELS_LAST, inputs, y, turnsResult, images)
            .prepared();
  }

  /**
   * A prepared operator for an image with its channels last.
   *
   * @param body the same for images with their channels first; its first input is one
   * @param y the result's type with its channels last
   */
  static PreparedOperator toFirst(PreparedOperator body, OperatorInputs inputs, TensorType y) {
    return new LayoutBridge(body, ImageLayout.CHANNELS_FIRST, inputs, y, true, 0).prepared();
  }

  private PreparedOperator prepared() {
    return PreparedOperator.withWorkspace(bodyOffset + body.workspaceBytes(), this::run);
  }

  private static StridedCopy copy(TensorType from, Shape to, ImageLayout layout) {
    long[] strides = from.shape().strides();
    long[] permuted =
        layout.permutation(strides.length).stream().mapToLong(axis -> strides[axis]).toArray();
    return StridedCopy.gather(from.dtype(), to, 0, permuted);
  }

  private static long bytes(TensorType type) {
    return type.shape().size() * type.dtype().bytes();
  }

  private void run(Tensor[] in, Tensor[] out, RunContext context) {
    Tensor[] inputs = in.clone();
    for (Part part : parts) {
      inputs[part.input] = tensor(part.type, context, part.offset);
      part.copy.run(in[part.input], inputs[part.input], context);
    }
    MemorySegment workspace = context.workspace().asSlice(bodyOffset, body.workspaceBytes());
    Inner inner = new Inner(context, workspace);
    if (result == null) {
      body.run(inputs, out, inner);
      return;
    }
    Tensor last = tensor(y, context, resultOffset);
    body.run(inputs, new Tensor[] {last}, inner);
    result.run(last, out[0], context);
  }

  private static Tensor tensor(TensorType type, RunContext context, long offset) {
    return Tensor.of(type, context.workspace().asSlice(offset, bytes(type)));
  }

  /** The surrounding run with the body's own workspace. */
  private record Inner(RunContext outer, MemorySegment workspace) implements RunContext {

    @Override
    public Copies copies() {
      return outer.copies();
    }

    @Override
    public ComputePool pool() {
      return outer.pool();
    }

    @Override
    public BatchLayout batch() {
      return outer.batch();
    }
  }
}
