package io.lockstep.runtime.operator;

import io.lockstep.runtime.error.UnsupportedModelException;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;

/**
 * The extents of a recurrent layer, and where its rows lie.
 *
 * @param input features of a step of x
 * @param gates blocks of [hidden] rows in the weights
 */
record RecurrentShape(
    int steps, int batch, int input, int hidden, int gates, int directions, boolean batchFirst) {

  static RecurrentShape of(OperatorInputs inputs, RecurrentAttributes attributes, int gates) {
    if (inputs.dtype(0) != DType.FLOAT32) {
      throw new UnsupportedModelException(
          "a recurrent layer over " + inputs.dtype(0) + " is not supported, only FLOAT32");
    }
    Shape x = inputs.shape(0);
    Shape recurrence = inputs.shape(2);
    if (x.rank() != 3 || recurrence.rank() != 3) {
      throw inputs.invalid(
          "input %s and recurrence weights %s: expected rank 3".formatted(x, recurrence));
    }
    int hidden = attributes.hidden() > 0 ? attributes.hidden() : recurrence.extent(2);
    int directions = attributes.directions();
    boolean batchFirst = attributes.batchFirst();
    RecurrentShape shape =
        new RecurrentShape(
            x.extent(batchFirst ? 1 : 0),
            x.extent(batchFirst ? 0 : 1),
            x.extent(2),
            hidden,
            gates,
            directions,
            batchFirst);
    Shape weights = Shape.of(directions, gates * hidden, x.extent(2));
    if (!inputs.shape(1).equals(weights)
        || !recurrence.equals(weights.with(2, hidden))
        || (inputs.has(3) && !inputs.shape(3).equals(Shape.of(directions, 2 * gates * hidden)))) {
      throw inputs.invalid(
          "weights %s and %s: expected %s and %s"
              .formatted(inputs.shape(1), recurrence, weights, weights.with(2, hidden)));
    }
    return shape;
  }

  /** Floats in the gates of one row. */
  int gateSize() {
    return gates * hidden;
  }

  Shape output() {
    return batchFirst
        ? Shape.of(batch, steps, directions, hidden)
        : Shape.of(steps, directions, batch, hidden);
  }

  Shape state() {
    return batchFirst ? Shape.of(batch, directions, hidden) : Shape.of(directions, batch, hidden);
  }

  /** The row of x [.., input] of a step of an item. */
  int row(int step, int item) {
    return batchFirst ? item * steps + step : step * batch + item;
  }

  /** How many rows of x lie between those of two items. */
  int rowsBetweenItems() {
    return batchFirst ? steps : 1;
  }

  /** How many elements of the output lie between those of two items. */
  long outputBetweenItems() {
    return (long) hidden * (batchFirst ? steps * directions : 1);
  }

  /** The first element of a step of an item in the output. */
  long output(int step, int direction, int item) {
    long row =
        batchFirst
            ? ((long) item * steps + step) * directions + direction
            : ((long) step * directions + direction) * batch + item;
    return row * hidden;
  }

  /** The first element of an item in a state. */
  long state(int direction, int item) {
    long row = batchFirst ? (long) item * directions + direction : (long) direction * batch + item;
    return row * hidden;
  }
}
