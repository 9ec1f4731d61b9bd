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

/**
 * ONNX LSTM 7-22. With gates in the order i, o, f, c and [.] an elementwise product:
 *
 * <pre>
 * i = f(x Wi + h Ri + Pi [.] C + bias)      f = f(x Wf + h Rf + Pf [.] C + bias)
 * c = g(x Wc + h Rc + bias)                 C' = f [.] C + i [.] c
 * o = f(x Wo + h Ro + Po [.] C' + bias)     H' = o [.] h(C')
 * </pre>
 *
 * <p>Inputs: x [steps, batch, input] (batch first in layout 1); W [directions, 4 hidden, input]; R
 * [directions, 4 hidden, hidden]; biases [directions, 8 hidden]; lengths INT32 [batch]; initial h
 * and c [directions, batch, hidden]; peepholes P [directions, 3 hidden] in the order i, o, f.
 * Outputs: all h [steps, directions, batch, hidden]; the last h and c.
 *
 * @param coupled whether f = 1 - i (input_forget)
 */
record Lstm(RecurrentAttributes attributes, boolean coupled) implements Operator {

  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final int GATES = 4;
  private static final int PEEPHOLES = 7;

  static Operator of(NodeAttributes attributes) {
    return new Lstm(
        RecurrentAttributes.of(attributes, List.of("Sigmoid", "Tanh", "Tanh")),
        attributes.intOr("input_forget", 0) != 0);
  }

  @Override
  public String name() {
    return "LSTM";
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    RecurrentShape shape = RecurrentShape.of(inputs, attributes, GATES);
    TensorType state = inputs.type(0).withShape(shape.state());
    return List.of(inputs.type(0).withShape(shape.output()), state, state);
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    RecurrentShape shape = RecurrentShape.of(inputs, attributes, GATES);
    List<LstmCell> cells = new ArrayList<>();
    for (int d = 0; d < shape.directions(); d++) {
      RecurrentProduct recurrence =
          RecurrentProduct.of(
              inputs, context, RecurrentLayer.RECURRENCE, d * shape.gateSize(), shape.gateSize());
      cells.add(
          new LstmCell(
              shape,
              attributes.activations().get(d),
              attributes.clip(),
              coupled,
              recurrence,
              context.kernels().elementwise()));
    }
    return new RecurrentLayer(inputs, context, shape, attributes, cells);
  }

  /** One direction's step. */
  private record LstmCell(
      RecurrentShape shape,
      List<GateActivation> activations,
      float clip,
      boolean coupled,
      RecurrentProduct recurrence,
      Elementwise kernel)
      implements RecurrentLayer.Cell {

    @Override
    public long scratchWords() {
      return shape.hidden();
    }

    @Override
    public long productBytes() {
      return recurrence.workspaceBytes(shape.batch());
    }

    @Override
    public void foldBias(Tensor biases, long first, MemorySegment bias) {
      RecurrentLayer.addBias(biases, first, shape.gateSize(), bias);
    }

    @Override
    public void step(RecurrentLayer.Step step) {
      recurrence.multiply(
          shape.batch(),
          step.hidden,
          step.inputs[RecurrentLayer.RECURRENCE],
          null,
          step.productScratch,
          step.gates,
          0,
          shape.gateSize(),
          step.context.pool());
      for (int item = 0; item < shape.batch(); item++) {
        if (step.isActive(item)) {
          item(step, item);
        }
      }
    }

    private void item(RecurrentLayer.Step step, int item) {
      int hidden = shape.hidden();
      long gates = (long) item * shape.gateSize();
      long state = (long) item * hidden;
      MemorySegment g = step.gates;
      kernel.binary(
          BinaryFunction.ADD,
          step.projected,
          step.projectedRow(item),
          g,
          gates,
          g,
          gates,
          shape.gateSize());
      boolean peephole = RecurrentLayer.has(step.inputs, PEEPHOLES);
      if (peephole) {
        peep(step, 0, gates, state);
        peep(step, 2, gates + 2L * hidden, state);
      }
      clip(g, gates, hidden);
      clip(g, gates + 2L * hidden, 2 * hidden);
      activations.get(0).apply(kernel, g, gates, hidden);
      activations.get(0).apply(kernel, g, gates + 2L * hidden, hidden);
      activations.get(1).apply(kernel, g, gates + 3L * hidden, hidden);
      if (coupled) {
        kernel.unary(
            new Activation(UnaryFunction.AFFINE, -1, 1), g, gates, g, gates + 2L * hidden, hidden);
      }
      long forget = gates + 2L * hidden;
      long candidate = gates + 3L * hidden;
      kernel.binary(BinaryFunction.MUL, g, forget, step.cell, state, step.cell, state, hidden);
      kernel.binary(BinaryFunction.MUL, g, gates, g, candidate, g, candidate, hidden);
      kernel.binary(BinaryFunction.ADD, step.cell, state, g, candidate, step.cell, state, hidden);
      long output = gates + hidden;
      if (peephole) {
        peep(step, 1, output, state);
      }
      clip(g, output, hidden);
      activations.get(0).apply(kernel, g, output, hidden);
      MemorySegment.copy(
          step.cell, state * Float.BYTES, step.scratch, 0, (long) hidden * Float.BYTES);
      activations.get(2).apply(kernel, step.scratch, 0, hidden);
      kernel.binary(BinaryFunction.MUL, g, output, step.scratch, 0, step.hidden, state, hidden);
    }

    /** Adds a peephole's view of the cell to a gate. */
    private void peep(RecurrentLayer.Step step, int peephole, long gate, long state) {
      Tensor weights = step.inputs[PEEPHOLES];
      long first = (3L * step.direction + peephole) * shape.hidden();
      for (int i = 0; i < shape.hidden(); i++) {
        float seen = weights.getFloat(first + i) * step.cell.getAtIndex(FLOAT, state + i);
        step.gates.setAtIndex(FLOAT, gate + i, step.gates.getAtIndex(FLOAT, gate + i) + seen);
      }
    }

    private void clip(MemorySegment x, long offset, int count) {
      if (clip > 0) {
        kernel.unary(new Activation(UnaryFunction.CLIP, -clip, clip), x, offset, x, offset, count);
      }
    }
  }
}
