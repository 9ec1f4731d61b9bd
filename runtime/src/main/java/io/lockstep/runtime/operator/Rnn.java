package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.kernel.RowChains;
import io.lockstep.runtime.tensor.TensorType;
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
      CellChain chain = new CellChain(shape.hidden(), attributes.clip());
      chain.storeHidden(chain.activate(attributes.activations().get(d).getFirst(), chain.sum(0)));
      cells.add(
          new RnnCell(
              shape,
              RecurrentProduct.of(
                  inputs, context, RecurrentLayer.RECURRENCE, d * shape.hidden(), shape.hidden()),
              context.kernels().rowChains().loop(chain.chain())));
    }
    return new RecurrentLayer(inputs, context, shape, attributes, cells);
  }

  /** One direction's step. */
  private record RnnCell(RecurrentShape shape, RecurrentProduct recurrence, RowChains.Loop chain)
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
    public int foldedBiases() {
      return shape.gateSize();
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
          shape.hidden(),
          step.context.pool());
      step.run(chain, null, 0, 0);
    }
  }
}
