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
import java.lang.foreign.MemorySegment;
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
    int hidden = shape.hidden();
    RowChains chains = context.kernels().rowChains();
    for (int d = 0; d < shape.directions(); d++) {
      int first = d * shape.gateSize();
      int together = linearBeforeReset ? shape.gateSize() : 2 * hidden;
      RecurrentProduct gates =
          RecurrentProduct.of(inputs, context, RecurrentLayer.RECURRENCE, first, together);
      cells.add(
          linearBeforeReset
              ? new GruCell(shape, gates, null, null, chains.loop(linearFirst(d, hidden, inputs)))
              : new GruCell(
                  shape,
                  gates,
                  chains.loop(reset(d, hidden)),
                  RecurrentProduct.of(
                      inputs, context, RecurrentLayer.RECURRENCE, first + 2 * hidden, hidden),
                  chains.loop(resetFirst(d, hidden))));
    }
    return new RecurrentLayer(inputs, context, shape, attributes, cells);
  }

  /** All of a step after its product, with the candidate's recurrent biases as the extra array. */
  private RowChain linearFirst(int direction, int hidden, OperatorInputs inputs) {
    CellChain chain = new CellChain(hidden, attributes.clip());
    GateActivation gate = attributes.activations().get(direction).getFirst();
    chain.store(chain.activate(gate, chain.sum(0)), CellChain.GATES, 0);
    Node recurrent = chain.at(CellChain.GATES, 2);
    if (inputs.has(RecurrentLayer.BIAS)) {
      recurrent = CellChain.plus(recurrent, chain.at(CellChain.EXTRA, 0));
    }
    Node seen = CellChain.times(chain.activate(gate, chain.sum(1)), recurrent);
    update(chain, direction, CellChain.plus(seen, chain.at(CellChain.PROJECTED, 2)));
    return chain.chain();
  }

  /** A step before the candidate's product: z, and the reset hidden rows as the extra array. */
  private RowChain reset(int direction, int hidden) {
    CellChain chain = new CellChain(hidden, attributes.clip());
    GateActivation gate = attributes.activations().get(direction).getFirst();
    chain.store(chain.activate(gate, chain.sum(0)), CellChain.GATES, 0);
    Node reset = chain.activate(gate, chain.sum(1));
    chain.store(CellChain.times(reset, chain.at(CellChain.HIDDEN, 0)), CellChain.EXTRA, 0);
    return chain.chain();
  }

  /** A step after the candidate's product. */
  private RowChain resetFirst(int direction, int hidden) {
    CellChain chain = new CellChain(hidden, attributes.clip());
    update(chain, direction, chain.sum(2));
    return chain.chain();
  }

  /** H' from z, which is stored, and what goes into the candidate. */
  private void update(CellChain chain, int direction, Node candidate) {
    GateActivation function = attributes.activations().get(direction).get(1);
    Node z = chain.at(CellChain.GATES, 0);
    Node taken = CellChain.times(CellChain.complement(z), chain.activate(function, candidate));
    chain.storeHidden(CellChain.plus(taken, CellChain.times(z, chain.at(CellChain.HIDDEN, 0))));
  }

  /**
   * One direction's step.
   *
   * @param gates the recurrence of z and r, and of h where nothing comes before it
   * @param reset what comes before the candidate's product; null where nothing does
   * @param candidate the recurrence of h; null where it is among the gates
   * @param update the rest
   */
  private record GruCell(
      RecurrentShape shape,
      RecurrentProduct gates,
      RowChains.@Nullable Loop reset,
      @Nullable RecurrentProduct candidate,
      RowChains.Loop update)
      implements RecurrentLayer.Cell {

    /** The reset hidden rows [batch, hidden]. */
    @Override
    public long scratchWords() {
      return reset == null ? 0 : (long) shape.batch() * shape.hidden();
    }

    @Override
    public long productBytes() {
      long bytes = gates.workspaceBytes(shape.batch());
      return candidate == null ? bytes : Math.max(bytes, candidate.workspaceBytes(shape.batch()));
    }

    @Override
    public int foldedBiases() {
      return reset == null ? 2 * shape.hidden() : shape.gateSize();
    }

    @Override
    public void step(RecurrentLayer.Step step) {
      int hidden = shape.hidden();
      multiply(gates, step, step.hidden, 0);
      if (reset == null || candidate == null) {
        step.run(update, step.bias, shape.gateSize(), 0);
        return;
      }
      step.run(reset, step.scratch, 0, hidden);
      multiply(candidate, step, step.scratch, 2L * hidden);
      step.run(update, null, 0, 0);
    }

    private void multiply(
        RecurrentProduct product, RecurrentLayer.Step step, MemorySegment rows, long column) {
      product.multiply(
          shape.batch(),
          rows,
          step.inputs[RecurrentLayer.RECURRENCE],
          null,
          step.productScratch,
          step.gates,
          column,
          shape.gateSize(),
          step.context.pool());
    }
  }
}
