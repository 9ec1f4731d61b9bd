package io.lockstep.runtime.operator;

import io.lockstep.runtime.error.InvalidInputException;
import io.lockstep.runtime.graph.NodeAttributes;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.graph.OperatorInputs;
import io.lockstep.runtime.graph.PrepareContext;
import io.lockstep.runtime.graph.PreparedOperator;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import java.util.List;

/**
 * ONNX RotaryEmbedding 23: pairs of elements of each head turned by an angle that depends on the
 * position: (a, b) becomes (a cos - b sin, a sin + b cos).
 *
 * <p>Inputs: x [batch, heads, length, size] or [batch, length, heads * size]; cosines and sines,
 * each [positions, turned / 2] when there are position ids, else [batch, length, turned / 2];
 * optional position ids INT64 [batch, length].
 *
 * @param interleaved whether neighbours form a pair, rather than elements of the two halves
 * @param turned how many leading elements of a head are turned; 0 for all
 * @param heads of x where it has rank 3, else 0
 */
record RotaryEmbedding(boolean interleaved, int turned, int heads) implements Operator {

  private static final int POSITIONS = 3;

  static Operator of(NodeAttributes attributes) {
    return new RotaryEmbedding(
        attributes.intOr("interleaved", 0) != 0,
        (int) attributes.intOr("rotary_embedding_dim", 0),
        (int) attributes.intOr("num_heads", 0));
  }

  @Override
  public String name() {
    return "RotaryEmbedding";
  }

  @Override
  public List<TensorType> outputTypes(OperatorInputs inputs) {
    HeadLayout x = HeadLayout.of(inputs, 0, heads);
    int half = turned(x) / 2;
    Shape cosines = inputs.shape(1);
    Shape expected =
        inputs.has(POSITIONS)
            ? Shape.of(cosines.rank() == 0 ? 0 : cosines.extent(0), half)
            : Shape.of(x.batch(), x.length(), half);
    if (!cosines.equals(expected)
        || !inputs.shape(2).equals(expected)
        || turned(x) > x.size()
        || turned(x) % 2 != 0) {
      throw inputs.invalid(
          "x %s with cosines %s and sines %s, expected %s"
              .formatted(inputs.shape(0), cosines, inputs.shape(2), expected));
    }
    if (inputs.has(POSITIONS) && !inputs.shape(POSITIONS).equals(Shape.of(x.batch(), x.length()))) {
      throw inputs.invalid(
          "position ids %s for x %s".formatted(inputs.shape(POSITIONS), inputs.shape(0)));
    }
    return List.of(inputs.type(0));
  }

  private int turned(HeadLayout x) {
    return turned == 0 ? x.size() : turned;
  }

  @Override
  public PreparedOperator prepare(OperatorInputs inputs, PrepareContext context) {
    HeadLayout x = HeadLayout.of(inputs, 0, heads);
    boolean hasPositions = inputs.has(POSITIONS);
    int half = turned(x) / 2;
    return (in, out, run) -> {
      if (hasPositions) {
        checkPositions(in[POSITIONS], in[1].shape().extent(0));
      }
      run.pool()
          .parallelFor(
              x.batch() * x.length(),
              Chunks.grainRows((long) x.heads() * x.size()),
              (from, to) -> {
                for (int place = from; place < to; place++) {
                  long angle = hasPositions ? in[POSITIONS].asLong(place) : place;
                  for (int head = 0; head < x.heads(); head++) {
                    long first =
                        x.offset(place / x.length(), head)
                            + (long) (place % x.length()) * x.rowStride();
                    turn(in, out[0], first, angle * half, half, x.size());
                  }
                }
              });
    };
  }

  private static void checkPositions(Tensor positions, int count) {
    for (long i = 0; i < positions.size(); i++) {
      if (positions.asLong(i) < 0 || positions.asLong(i) >= count) {
        throw new InvalidInputException(
            "RotaryEmbedding: position %d is out of range for %d positions"
                .formatted(positions.asLong(i), count));
      }
    }
  }

  private void turn(Tensor[] in, Tensor y, long first, long angles, int half, int size) {
    Tensor x = in[0];
    for (int i = 0; i < half; i++) {
      long a = first + (interleaved ? 2 * i : i);
      long b = first + (interleaved ? 2 * i + 1 : i + half);
      double cos = in[1].asDouble(angles + i);
      double sin = in[2].asDouble(angles + i);
      double left = x.asDouble(a);
      double right = x.asDouble(b);
      y.setFromDouble(a, left * cos - right * sin);
      y.setFromDouble(b, left * sin + right * cos);
    }
    for (int i = 2 * half; i < size; i++) {
      y.setFromDouble(first + i, x.asDouble(first + i));
    }
  }
}
