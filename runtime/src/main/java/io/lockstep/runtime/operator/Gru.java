package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.kernel.Activation;
import io.lockstep.runtime.kernel.BinaryFunction;
import io.lockstep.runtime.kernel.Elementwise;
import io.lockstep.runtime.kernel.UnaryFunction;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * ONNX GRU 7-22. With gates in the order z, r, h and [.] an elementwise product:
 *
 * <pre>
 * z = f(x Wz + H Rz + bias)                 r = f(x Wr + H Rr + bias)
 * h = g(x Wh + (r [.] H) Rh + Rbh + Wbh)    or, linear before reset,
 * h = g(x Wh + r [.] (H Rh + Rbh) + Wbh)    H' = (1 - z) [.] h + z [.] H
 * </pre>
 *
 * <p>Inputs: x [steps, batch, input] (batch first in layout 1); W [directions, 3 hidden, input]; R
 * [directions, 3 hidden, hidden]; biases [directions, 6 hidden]; lengths INT32 [batch]; initial h
 * [directions, batch, hidden]. Outputs: all h [steps, directions, batch, hidden]; the last h.
 */
record Gru(RecurrentAttributes attributes, boolean linearBeforeReset) implements Operator {

  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final int GATES = 3;

  static Operator of(NodeAttributes attributes) {
    return new Gru(
        RecurrentAttributes.of(attributes, List.of("Sigmoid", "Tanh")),
        attributes.intOr("linear_before_reset", 0) != 0);
  }

  @Override
  public String name() {
    return "GRU";
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    RecurrentShape shape = RecurrentShape.of(inputs, attributes, GATES);
    return List.of(
        inputs.type(0).withShape(shape.output()), inputs.type(0).withShape(shape.state()));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    RecurrentShape shape = RecurrentShape.of(inputs, attributes, GATES);
    List<GruCell> cells = new ArrayList<>();
    for (int d = 0; d < shape.directions(); d++) {
      int first = d * shape.gateSize();
      int hidden = shape.hidden();
      cells.add(
          new GruCell(
              shape,
              attributes.activations().get(d),
              attributes.clip(),
              linearBeforeReset,
              RecurrentProduct.of(inputs, context, RecurrentLayer.RECURRENCE, first, 2 * hidden),
              RecurrentProduct.of(
                  inputs, context, RecurrentLayer.RECURRENCE, first + 2 * hidden, hidden),
              context.kernels().elementwise()));
    }
    return new RecurrentLayer(inputs, context, shape, attributes, cells);
  }

  /**
   * One direction's step.
   *
   * @param gates the recurrence of z and r
   * @param candidate the recurrence of h
   */
  private record GruCell(
      RecurrentShape shape,
      List<GateActivation> activations,
      float clip,
      boolean linearBeforeReset,
      RecurrentProduct gates,
      RecurrentProduct candidate,
      Elementwise kernel)
      implements RecurrentLayer.Cell {

    /** The reset hidden rows [batch, hidden], then the candidate's recurrent bias [hidden]. */
    @Override
    public long scratchWords() {
      return (long) shape.batch() * shape.hidden() + shape.hidden();
    }

    @Override
    public long productBytes() {
      return Math.max(gates.workspaceBytes(shape.batch()), candidate.workspaceBytes(shape.batch()));
    }

    @Override
    public void foldBias(Tensor biases, long first, MemorySegment bias) {
      int count = linearBeforeReset ? 2 * shape.hidden() : shape.gateSize();
      RecurrentLayer.addBias(biases, first, count, bias);
    }

    @Override
    public void step(RecurrentLayer.Step step) {
      int hidden = shape.hidden();
      Tensor weights = step.inputs[RecurrentLayer.RECURRENCE];
      MemorySegment reset = step.scratch;
      gates.multiply(
          shape.batch(),
          step.hidden,
          weights,
          null,
          step.productScratch,
          step.gates,
          0,
          shape.gateSize(),
          step.context.pool());
      for (int item = 0; item < shape.batch(); item++) {
        if (step.isActive(item)) {
          resetItem(step, item);
        }
      }
      candidate.multiply(
          shape.batch(),
          linearBeforeReset ? step.hidden : reset,
          weights,
          candidateBias(step),
          step.productScratch,
          step.gates,
          2L * hidden,
          shape.gateSize(),
          step.context.pool());
      for (int item = 0; item < shape.batch(); item++) {
        if (step.isActive(item)) {
          updateItem(step, item);
        }
      }
    }

    /** The bias inside the reset product: only when the reset comes after the recurrence. */
    private @Nullable MemorySegment candidateBias(RecurrentLayer.Step step) {
      if (!linearBeforeReset || !RecurrentLayer.has(step.inputs, RecurrentLayer.BIAS)) {
        return null;
      }
      int hidden = shape.hidden();
      MemorySegment bias = step.scratch.asSlice((long) shape.batch() * hidden * Float.BYTES);
      long first = (2L * step.direction + 1) * shape.gateSize() + 2L * hidden;
      for (int i = 0; i < hidden; i++) {
        bias.setAtIndex(FLOAT, i, step.inputs[RecurrentLayer.BIAS].getFloat(first + i));
      }
      return bias;
    }

    private void resetItem(RecurrentLayer.Step step, int item) {
      int hidden = shape.hidden();
      long row = (long) item * shape.gateSize();
      MemorySegment g = step.gates;
      kernel.binary(
          BinaryFunction.ADD, step.projected, step.projectedRow(item), g, row, g, row, 2L * hidden);
      clip(g, row, 2 * hidden);
      activations.get(0).apply(kernel, g, row, 2L * hidden);
      if (!linearBeforeReset) {
        long state = (long) item * hidden;
        kernel.binary(
            BinaryFunction.MUL, g, row + hidden, step.hidden, state, step.scratch, state, hidden);
      }
    }

    private void updateItem(RecurrentLayer.Step step, int item) {
      int hidden = shape.hidden();
      long row = (long) item * shape.gateSize();
      long last = row + 2L * hidden;
      MemorySegment g = step.gates;
      if (linearBeforeReset) {
        kernel.binary(BinaryFunction.MUL, g, row + hidden, g, last, g, last, hidden);
      }
      kernel.binary(
          BinaryFunction.ADD,
          step.projected,
          step.projectedRow(item) + 2L * hidden,
          g,
          last,
          g,
          last,
          hidden);
      clip(g, last, hidden);
      activations.get(1).apply(kernel, g, last, hidden);
      long state = (long) item * hidden;
      for (int i = 0; i < hidden; i++) {
        float z = g.getAtIndex(FLOAT, row + i);
        float h = step.hidden.getAtIndex(FLOAT, state + i);
        step.hidden.setAtIndex(FLOAT, state + i, (1 - z) * g.getAtIndex(FLOAT, last + i) + z * h);
      }
    }

    private void clip(MemorySegment x, long offset, int count) {
      if (clip > 0) {
        kernel.unary(new Activation(UnaryFunction.CLIP, -clip, clip), x, offset, x, offset, count);
      }
    }
  }
}
