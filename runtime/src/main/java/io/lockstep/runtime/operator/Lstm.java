package io.lockstep.runtime.operator;

import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.kernel.ElementChain.Node;
import io.lockstep.runtime.kernel.RowChain;
import io.lockstep.runtime.kernel.RowChains;
import io.lockstep.runtime.tensor.TensorType;
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
      RowChain chain = chain(shape.hidden(), attributes.activations().get(d), inputs);
      cells.add(new LstmCell(shape, recurrence, context.kernels().rowChains().loop(chain)));
    }
    return new RecurrentLayer(inputs, context, shape, attributes, cells);
  }

  /** What happens to each hidden unit between two products. */
  private RowChain chain(int hidden, List<GateActivation> functions, OperatorInputs inputs) {
    CellChain chain = new CellChain(hidden, attributes.clip());
    boolean peeps = inputs.has(PEEPHOLES);
    GateActivation gate = functions.getFirst();
    Node input = chain.activate(gate, sum(chain, 0, peeps ? 0 : -1));
    if (coupled) {
      input = chain.store(input, CellChain.GATES, 0);
    }
    Node forget =
        coupled ? CellChain.complement(input) : chain.activate(gate, sum(chain, 2, peeps ? 2 : -1));
    Node candidate = chain.activate(functions.get(1), chain.sum(3));
    Node kept = CellChain.times(forget, chain.at(CellChain.CELL, 0));
    Node cell =
        chain.store(CellChain.plus(kept, CellChain.times(input, candidate)), CellChain.CELL, 0);
    Node output = chain.activate(gate, sum(chain, 1, peeps ? 1 : -1));
    chain.storeHidden(CellChain.times(output, CellChain.activateUnclipped(functions.get(2), cell)));
    return chain.chain();
  }

  /**
   * What goes into a gate.
   *
   * @param peephole the one through which it sees the cell; below 0 for none
   */
  private static Node sum(CellChain chain, int gate, int peephole) {
    Node sum = chain.sum(gate);
    return peephole < 0
        ? sum
        : CellChain.plus(
            sum, CellChain.times(chain.at(CellChain.EXTRA, peephole), chain.at(CellChain.CELL, 0)));
  }

  /** One direction's step. */
  private record LstmCell(RecurrentShape shape, RecurrentProduct recurrence, RowChains.Loop chain)
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
          shape.gateSize(),
          step.context.pool());
      boolean peeps = RecurrentLayer.has(step.inputs, PEEPHOLES);
      step.run(
          chain,
          peeps ? step.inputs[PEEPHOLES].segment() : null,
          3L * step.direction * shape.hidden(),
          0);
    }
  }
}
