package io.lockstep.runtime.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lockstep.runtime.Seeds;
import io.lockstep.runtime.TensorAssert;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.kernel.scalar.ScalarKernels;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import io.lockstep.runtime.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Operators that only move elements, against the place that their definition names for each. */
class MovementPropertyTest {

  private static final int ROUNDS = 300;

  private static final List<Pad.Mode> MODES = List.of(Pad.Mode.values());

  private final OperatorRunner runner = OperatorRunner.on(ScalarKernels.create());

  @Test
  void transposesLikeTheDefinition() {
    Seeds.forAll(
        ROUNDS,
        random -> {
          Tensor x = tensor(random, 0, 5);
          List<Integer> permutation =
              new ArrayList<>(IntStream.range(0, x.shape().rank()).boxed().toList());
          Collections.shuffle(permutation, random);
          Tensor y = runner.first(new Transpose(permutation), x);
          assertMoved(
              x,
              y,
              to -> {
                int[] from = new int[to.length];
                for (int axis = 0; axis < to.length; axis++) {
                  from[permutation.get(axis)] = to[axis];
                }
                return RandomTensors.index(x.shape(), from);
              });
        });
  }

  @Test
  void slicesLikeTheDefinition() {
    Seeds.forAll(
        ROUNDS,
        random -> {
          Tensor x = tensor(random, 1, 4);
          int rank = x.shape().rank();
          long[] starts = new long[rank];
          long[] ends = new long[rank];
          long[] steps = new long[rank];
          for (int axis = 0; axis < rank; axis++) {
            int extent = x.shape().extent(axis);
            starts[axis] = random.nextInt(-extent - 2, extent + 3);
            ends[axis] = random.nextInt(-extent - 2, extent + 3);
            steps[axis] = random.nextBoolean() ? random.nextInt(1, 4) : random.nextInt(-3, 0);
          }
          List<List<Integer>> taken = new ArrayList<>();
          for (int axis = 0; axis < rank; axis++) {
            taken.add(taken(x.shape().extent(axis), starts[axis], ends[axis], steps[axis]));
          }
          Tensor y =
              runner.first(
                  Slice.of(Attributes.of("Slice")),
                  x,
                  Tensors.vector(starts),
                  Tensors.vector(ends),
                  Tensors.vector(IntStream.range(0, rank).mapToLong(axis -> axis).toArray()),
                  Tensors.vector(steps));
          assertEquals(
              Shape.of(taken.stream().mapToInt(List::size).toArray()),
              y.shape(),
              "shape of a slice");
          assertMoved(
              x,
              y,
              to -> {
                int[] from = new int[rank];
                Arrays.setAll(from, axis -> taken.get(axis).get(to[axis]));
                return RandomTensors.index(x.shape(), from);
              });
        });
  }

  /** The entries that a slice takes, stepped through one by one within the extent. */
  private static List<Integer> taken(int extent, long start, long end, long step) {
    long from = start < 0 ? start + extent : start;
    long to = end < 0 ? end + extent : end;
    from = step > 0 ? Math.clamp(from, 0, extent) : Math.clamp(from, -1, extent - 1);
    to = step > 0 ? Math.clamp(to, 0, extent) : Math.clamp(to, -1, extent - 1);
    List<Integer> taken = new ArrayList<>();
    for (long i = from; step > 0 ? i < to : i > to; i += step) {
      taken.add((int) i);
    }
    return taken;
  }

  @Test
  void gathersLikeTheDefinition() {
    Seeds.forAll(
        ROUNDS,
        random -> {
          Tensor x = nonEmpty(random, 1, 4);
          int axis = random.nextInt(x.shape().rank());
          int extent = x.shape().extent(axis);
          Shape shape = RandomTensors.shape(random, 0, 2);
          Tensor indices = Tensors.zeros(new TensorType(DType.INT64, shape));
          for (long i = 0; i < indices.size(); i++) {
            indices.setLong(i, random.nextInt(-extent, extent));
          }
          Tensor y = runner.first(new Gather(axis), x, indices);
          int indexRank = indices.shape().rank();
          assertMoved(
              x,
              y,
              to -> {
                int[] named = Arrays.copyOfRange(to, axis, axis + indexRank);
                long entry = indices.getLong(RandomTensors.index(indices.shape(), named));
                int[] from = new int[x.shape().rank()];
                for (int i = 0; i < from.length; i++) {
                  from[i] = i < axis ? to[i] : i > axis ? to[i - 1 + indexRank] : 0;
                }
                from[axis] = (int) Math.floorMod(entry, (long) extent);
                return RandomTensors.index(x.shape(), from);
              });
        });
  }

  @Test
  void expandsAndTilesLikeTheDefinition() {
    Seeds.forAll(
        ROUNDS,
        random -> {
          Tensor x = tensor(random, 1, 3);
          int[] wanted = x.shape().toArray();
          long[] repeats = new long[wanted.length];
          for (int axis = 0; axis < wanted.length; axis++) {
            wanted[axis] = wanted[axis] == 1 ? random.nextInt(1, 5) : wanted[axis];
            repeats[axis] = random.nextInt(0, 4);
          }
          long[] expanded = Arrays.stream(wanted).asLongStream().toArray();
          Tensor y = runner.first(new Expand(), x, Tensors.vector(expanded));
          assertMoved(x, y, to -> RandomTensors.broadcastIndex(x.shape(), to));
          Tensor tiled = runner.first(new Tile(), x, Tensors.vector(repeats));
          assertMoved(
              x,
              tiled,
              to -> {
                int[] from = new int[to.length];
                Arrays.setAll(from, axis -> to[axis] % x.shape().extent(axis));
                return RandomTensors.index(x.shape(), from);
              });
        });
  }

  @Test
  void splitsWhatConcatJoined() {
    Seeds.forAll(
        ROUNDS,
        random -> {
          Tensor first = tensor(random, 1, 4);
          int axis = random.nextInt(first.shape().rank());
          Tensor[] parts = new Tensor[random.nextInt(1, 5)];
          long[] sizes = new long[parts.length];
          for (int i = 0; i < parts.length; i++) {
            sizes[i] = random.nextInt(0, 6);
            Shape shape = first.shape().with(axis, (int) sizes[i]);
            parts[i] = RandomTensors.tensor(random, first.dtype(), shape);
          }
          Tensor joined = runner.first(new Concat(axis), parts);
          Operator split = new Split(axis, List.of(), parts.length);
          List<Tensor> again = runner.run(split, joined, Tensors.vector(sizes));
          for (int i = 0; i < parts.length; i++) {
            TensorAssert.assertClose(parts[i], again.get(i), 0, 0, "part " + i);
          }
        });
  }

  @Test
  void padsLikeTheDefinition() {
    Seeds.forAll(
        ROUNDS,
        random -> {
          Tensor x = nonEmpty(random, 1, 3);
          Pad.Mode mode = MODES.get(random.nextInt(MODES.size()));
          int rank = x.shape().rank();
          long[] pads = new long[2 * rank];
          for (int i = 0; i < pads.length; i++) {
            int extent = x.shape().extent(i % rank);
            // Two negative pads may meet, but not overlap.
            pads[i] = random.nextInt(-(extent / 2), 5);
          }
          Tensor y = runner.first(new Pad(mode, List.of(), 0), x, Tensors.vector(pads));
          Tensor expected = Tensors.zeros(y.type());
          for (long i = 0; i < y.size(); i++) {
            int[] at = RandomTensors.coordinates(y.shape(), i);
            boolean inside = true;
            for (int axis = 0; axis < rank; axis++) {
              at[axis] = padded(mode, at[axis] - (int) pads[axis], x.shape().extent(axis));
              inside &= at[axis] >= 0;
            }
            if (inside) {
              Elements.copy(x, RandomTensors.index(x.shape(), at), expected, i);
            } else if (x.dtype() == DType.STRING) {
              expected.setString(i, "");
            }
          }
          TensorAssert.assertClose(expected, y, 0, 0, "padded by " + mode);
        });
  }

  /** Walks from the place towards the inside, one entry at a time. */
  private static int padded(Pad.Mode mode, int place, int extent) {
    int at = place;
    while (at < 0 || at >= extent) {
      at =
          switch (mode) {
            case CONSTANT -> -1;
            case EDGE -> at < 0 ? at + 1 : at - 1;
            case WRAP -> at < 0 ? at + extent : at - extent;
            case REFLECT -> extent == 1 ? 0 : at < 0 ? -at : 2 * (extent - 1) - at;
          };
      if (mode == Pad.Mode.CONSTANT) {
        return -1;
      }
    }
    return at;
  }

  private static Tensor tensor(Random random, int minRank, int maxRank) {
    Shape shape = RandomTensors.shape(random, minRank, maxRank);
    while (shape.size() > 100_000) {
      shape = RandomTensors.shape(random, minRank, maxRank);
    }
    return RandomTensors.tensor(random, RandomTensors.type(random), shape);
  }

  private static Tensor nonEmpty(Random random, int minRank, int maxRank) {
    Tensor tensor = tensor(random, minRank, maxRank);
    while (tensor.size() == 0) {
      tensor = tensor(random, minRank, maxRank);
    }
    return tensor;
  }

  private static void assertMoved(Tensor x, Tensor y, ToLongFunction<int[]> source) {
    Tensor expected = Tensors.zeros(y.type());
    for (long i = 0; i < y.size(); i++) {
      int[] at = RandomTensors.coordinates(y.shape(), i);
      Elements.copy(x, source.applyAsLong(at), expected, i);
    }
    TensorAssert.assertClose(expected, y, 0, 0, x.type() + " to " + y.type());
  }
}
