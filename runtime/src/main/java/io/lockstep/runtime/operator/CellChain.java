package io.lockstep.runtime.operator;

import io.lockstep.runtime.kernel.Activation;
import io.lockstep.runtime.kernel.BinaryFunction;
import io.lockstep.runtime.kernel.ElementChain;
import io.lockstep.runtime.kernel.ElementChain.Node;
import io.lockstep.runtime.kernel.RowChain;
import io.lockstep.runtime.kernel.RowChain.Place;
import io.lockstep.runtime.kernel.RowChain.Result;
import io.lockstep.runtime.kernel.UnaryFunction;
import java.util.ArrayList;
import java.util.List;

/** Puts together what a recurrent cell does to each hidden unit between two products. */
final class CellChain {

  /** Float [batch, gates * hidden]: the hidden rows times the recurrence. */
  static final int GATES = 0;

  /** Float [rows of x, gates * hidden]: the inputs times the weights, with their bias. */
  static final int PROJECTED = 1;

  /** Float [batch, hidden]. */
  static final int HIDDEN = 2;

  /** Float [batch, hidden]. */
  static final int CELL = 3;

  /** Float [steps, directions, batch, hidden], or batch first. */
  static final int OUTPUT = 4;

  /** What only one kind of cell has. */
  static final int EXTRA = 5;

  private final int hidden;
  private final float clip;
  private final List<Place> inputs = new ArrayList<>();
  private final List<Result> results = new ArrayList<>();

  /**
   * A chain without results.
   *
   * @param clip bound of what goes into an activation; 0 for none
   */
  CellChain(int hidden, float clip) {
    this.hidden = hidden;
    this.clip = clip;
  }

  /** The {@code block}th [hidden] of an array's row. */
  Node at(int array, int block) {
    Place place = place(array, block);
    if (!inputs.contains(place)) {
      inputs.add(place);
    }
    return new ElementChain.Input(inputs.indexOf(place));
  }

  /** What a gate's products sum up to. */
  Node sum(int gate) {
    return plus(at(PROJECTED, gate), at(GATES, gate));
  }

  /** f(x) with x clipped. */
  Node activate(GateActivation function, Node x) {
    return activateUnclipped(
        function, clip > 0 ? unary(new Activation(UnaryFunction.CLIP, -clip, clip), x) : x);
  }

  /** f(x). */
  static Node activateUnclipped(GateActivation function, Node x) {
    Node y = x;
    for (Activation step : function.steps()) {
      y = unary(step, y);
    }
    return y;
  }

  /** 1 - x. */
  static Node complement(Node x) {
    return unary(new Activation(UnaryFunction.AFFINE, -1, 1), x);
  }

  static Node plus(Node x, Node y) {
    return new ElementChain.Binary(BinaryFunction.ADD, x, y);
  }

  static Node times(Node x, Node y) {
    return new ElementChain.Binary(BinaryFunction.MUL, x, y);
  }

  private static Node unary(Activation function, Node x) {
    return new ElementChain.Unary(function, x);
  }

  /** Stores a value, which {@link #at} gives from then on. */
  Node store(Node value, int array, int block) {
    results.add(new Result(value, List.of(place(array, block))));
    return at(array, block);
  }

  /** Stores the next hidden rows, also in the output. */
  void storeHidden(Node value) {
    results.add(new Result(value, List.of(place(HIDDEN, 0), place(OUTPUT, 0))));
  }

  private Place place(int array, int block) {
    return new Place(array, block * hidden);
  }

  RowChain chain() {
    return new RowChain(hidden, inputs, results);
  }
}
