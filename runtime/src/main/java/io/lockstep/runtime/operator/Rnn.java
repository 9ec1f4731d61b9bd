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
import java.util.ArrayList;
import java.util.List;

/**
 * ONNX RNN 7-22: H' = f(x W + H R + bias).
 *
 * <p>Inputs: x [steps, batch, input] (batch first in layout 1); W [directions, hidden, input]; R
 * [directions, hidden, hidden]; biases [directions, 2 hidden]; lengths INT32 [batch]; initial h
 * [directions, batch, hidden]. Outputs: all h [steps, directions, batch, hidden]; the last h.
 */
record Rnn(RecurrentAttributes attributes) implements Operator {

  static Operator of(NodeAttributes attributes) {
    return new Rnn(RecurrentAttributes.of(attributes, List.of("Tanh")));
  }

  @Override
  public String name() {
    return "RNN";
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    RecurrentShape shape = RecurrentShape.of(inputs, attributes, 1);
    return List.of(
        inputs.type(0).withShape(shape.output()), inputs.type(0).withShape(shape.state()));
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    RecurrentShape shape = RecurrentShape.of(inputs, attributes, 1);
    List<RnnCell> cells = new ArrayList<>();
    for (int d = 0; d < shape.directions(); d++) {
      cells.add(
          new RnnCell(
              shape,
              attributes.activations().get(d).getFirst(),
              attributes.clip(),
              RecurrentProduct.of(
                  inputs, context, RecurrentLayer.RECURRENCE, d * shape.hidden(), shape.hidden()),
              context.kernels().elementwise()));
    }
    return new RecurrentLayer(inputs, context, shape, attributes, cells);
  }

  /** One direction's step. */
  private record RnnCell(
      RecurrentShape shape,
      GateActivation activation,
      float clip,
      RecurrentProduct recurrence,
      Elementwise kernel)
      implements RecurrentLayer.Cell {

    @Override
    public long scratchWords() {
      return 0;
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
      int hidden = shape.hidden();
      recurrence.multiply(
          shape.batch(),
          step.hidden,
          step.inputs[RecurrentLayer.RECURRENCE],
          null,
          step.productScratch,
          step.gates,
          0,
          hidden,
          step.context.pool());
      for (int item = 0; item < shape.batch(); item++) {
        if (step.isActive(item)) {
          long state = (long) item * hidden;
          kernel.binary(
              BinaryFunction.ADD,
              step.projected,
              step.projectedRow(item),
              step.gates,
              state,
              step.hidden,
              state,
              hidden);
          if (clip > 0) {
            kernel.unary(
                new Activation(UnaryFunction.CLIP, -clip, clip),
                step.hidden,
                state,
                step.hidden,
                state,
                hidden);
          }
          activation.apply(kernel, step.hidden, state, hidden);
        }
      }
    }
  }
}
