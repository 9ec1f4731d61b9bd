package io.lockstep.runtime.operator;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.runtime.Seeds;
import io.lockstep.runtime.TensorAssert;
import io.lockstep.runtime.error.InvalidInputException;
import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.graph.Operator;
import io.lockstep.runtime.kernel.scalar.ScalarKernels;
import io.lockstep.runtime.kernel.vector.VectorKernels;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import io.lockstep.runtime.tensor.Tensors;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Attention and what goes with it, by the laws that hold between ways to compute the same. */
class AttentionTest {

  private final OperatorRunner runner = OperatorRunner.on(VectorKernels.create());

  private static Operator operator(Attributes attributes) {
    return AttentionOperators.table().get(attributes.operator()).apply(attributes);
  }

  private static Tensor floats(Random random, int... extents) {
    Tensor tensor = Tensors.zeros(TensorType.of(DType.FLOAT32, extents));
    for (long i = 0; i < tensor.size(); i++) {
      tensor.setFloat(i, random.nextFloat() * 2 - 1);
    }
    return tensor;
  }

  /** Swaps the axes of heads and positions and joins the heads. */
  private Tensor sideBySide(Tensor heads) {
    Tensor swapped = runner.first(new Transpose(List.of(0, 2, 1, 3)), heads);
    Shape s = swapped.shape();
    return swapped.reshaped(Shape.of(s.extent(0), s.extent(1), s.extent(2) * s.extent(3)));
  }

  private Tensor cut(Tensor x, int axis, int from, int to) {
    return runner.first(
        new Slice(List.of(), List.of(), List.of()),
        x,
        Tensors.vector(from),
        Tensors.vector(to),
        Tensors.vector(axis));
  }

  @Test
  void mixesValuesByTheLikenessOfKeys() {
    Tensor q = Tensors.ofFloats(Shape.of(1, 1, 1, 1), 1);
    Tensor k = Tensors.ofFloats(Shape.of(1, 1, 2, 1), 0, (float) Math.log(3));
    Tensor v = Tensors.ofFloats(Shape.of(1, 1, 2, 2), 4, 0, 8, 1);
    Tensor y =
        OperatorRunner.on(ScalarKernels.create())
            .first(operator(Attributes.of("Attention")), q, k, v);
    assertEquals(7, y.getFloat(0), 1e-5);
    assertEquals(0.75, y.getFloat(1), 1e-6);
  }

  @Test
  void givesTheSameForHeadsSideBySide() {
    Seeds.forAll(
        30,
        random -> {
          int heads = random.nextInt(1, 4);
          int length = random.nextInt(1, 20);
          int keys = random.nextInt(1, 20);
          Tensor q = floats(random, 2, heads, length, 8);
          Tensor k = floats(random, 2, heads, keys, 8);
          Tensor v = floats(random, 2, heads, keys, 5);
          Tensor whole = runner.first(operator(Attributes.of("Attention")), q, k, v);
          Operator joined =
              operator(
                  Attributes.of("Attention")
                      .with("q_num_heads", (long) heads)
                      .with("kv_num_heads", (long) heads));
          Tensor y = runner.first(joined, sideBySide(q), sideBySide(k), sideBySide(v));
          TensorAssert.assertSameBits(sideBySide(whole), y, "side by side");
        });
  }

  @Test
  void letsGroupsOfQueriesShareAHead() {
    Random random = new Random(3);
    Tensor q = floats(random, 1, 4, 3, 8);
    Tensor k = floats(random, 1, 2, 5, 8);
    Tensor v = floats(random, 1, 2, 5, 8);
    Tensor shared = runner.first(operator(Attributes.of("Attention")), q, k, v);
    Tensor which = Tensors.vector(0, 0, 1, 1);
    Tensor repeated =
        runner.first(
            operator(Attributes.of("Attention")),
            q,
            runner.first(new Gather(1), k, which),
            runner.first(new Gather(1), v, which));
    TensorAssert.assertSameBits(repeated, shared, "groups");
  }

  @Test
  void continuesFromThePastAsIfAllCameAtOnce() {
    Random random = new Random(5);
    Tensor q = floats(random, 1, 2, 7, 8);
    Tensor k = floats(random, 1, 2, 7, 8);
    Tensor v = floats(random, 1, 2, 7, 8);
    Operator causal = operator(Attributes.of("Attention").with("is_causal", 1L).outputs(3));
    List<Tensor> atOnce = runner.run(causal, q, k, v);
    List<Tensor> start = runner.run(causal, cut(q, 2, 0, 4), cut(k, 2, 0, 4), cut(v, 2, 0, 4));
    List<Tensor> rest =
        runner.run(
            causal,
            cut(q, 2, 4, 7),
            cut(k, 2, 4, 7),
            cut(v, 2, 4, 7),
            null,
            start.get(1),
            start.get(2));
    TensorAssert.assertClose(
        cut(atOnce.getFirst(), 2, 4, 7), rest.getFirst(), 1e-5, 1e-6, "continued");
    TensorAssert.assertSameBits(k, rest.get(1), "present keys");
    TensorAssert.assertSameBits(v, rest.get(2), "present values");
  }

  @Test
  void masksInEitherForm() {
    Random random = new Random(7);
    Tensor q = floats(random, 1, 1, 2, 4);
    Tensor k = floats(random, 1, 1, 3, 4);
    Tensor v = floats(random, 1, 1, 3, 4);
    Tensor hidden = Tensors.ofBooleans(Shape.of(1, 3), true, true, false);
    float never = Float.NEGATIVE_INFINITY;
    Tensor added = Tensors.ofFloats(Shape.of(1, 3), 0, 0, never);
    Tensor shorter = Tensors.ofBooleans(Shape.of(2, 2), true, true, true, true);
    Operator attention = operator(Attributes.of("Attention"));
    Tensor expected = runner.first(attention, q, cut(k, 2, 0, 2), cut(v, 2, 0, 2));
    for (Tensor mask : List.of(hidden, added, shorter)) {
      Tensor y = runner.first(attention, q, k, v, mask);
      TensorAssert.assertClose(expected, y, 1e-6, 1e-7, "mask " + mask);
    }
    Tensor valid = Tensors.vector(2);
    Tensor y = runner.first(attention, q, k, v, null, null, null, valid);
    TensorAssert.assertClose(expected, y, 1e-6, 1e-7, "valid keys");
  }

  @Test
  void keepsScoresAtTheStageAskedFor() {
    Tensor q = Tensors.ofFloats(Shape.of(1, 1, 1, 1), 2);
    Tensor k = Tensors.ofFloats(Shape.of(1, 1, 2, 1), 3, -3);
    Tensor v = Tensors.ofFloats(Shape.of(1, 1, 2, 1), 1, 1);
    Tensor mask = Tensors.ofFloats(Shape.of(1, 2), 1, 0);
    float capped = (float) (2 * Math.tanh(3));
    float[][] stages = {{6, -6}, {capped, -capped}, {capped + 1, -capped}};
    for (int mode = 0; mode < 3; mode++) {
      Operator attention =
          operator(
              Attributes.of("Attention")
                  .with("softcap", 2f)
                  .with("qk_matmul_output_mode", (long) mode)
                  .outputs(4));
      Tensor scores = runner.run(attention, q, k, v, mask).get(3);
      TensorAssert.assertClose(
          Tensors.ofFloats(Shape.of(1, 1, 1, 2), stages[mode]), scores, 1e-5, 0, "mode " + mode);
    }
  }

  @Test
  void computesHalfPrecisionToo() {
    Random random = new Random(9);
    Tensor q = floats(random, 1, 2, 3, 4);
    Tensor y = runner.first(operator(Attributes.of("Attention")), q, q, q);
    Tensor half = runner.first(new Cast(DType.FLOAT16), q);
    Tensor z = runner.first(operator(Attributes.of("Attention")), half, half, half);
    assertEquals(DType.FLOAT16, z.dtype());
    TensorAssert.assertClose(
        y, runner.first(new Cast(DType.FLOAT32), z), 3e-3, 1e-3, "half precision");
  }

  @Test
  void refusesHeadsThatDoNotFit() {
    Random random = new Random(1);
    InvalidModelException e =
        assertThrows(
            InvalidModelException.class,
            () ->
                runner.first(
                    operator(Attributes.of("Attention")),
                    floats(random, 1, 3, 2, 4),
                    floats(random, 1, 2, 2, 4),
                    floats(random, 1, 2, 2, 4)));
    assertTrue(e.getMessage().contains("[1,3,2,4]"), e.getMessage());
  }

  @Test
  void turnsPairsByTheAngleOfTheirPosition() {
    Tensor x = Tensors.ofFloats(Shape.of(1, 1, 2, 4), 1, 2, 3, 4, 1, 2, 3, 4);
    Tensor cosines = Tensors.ofFloats(Shape.of(2, 2), 1, 1, 0, -1);
    Tensor sines = Tensors.ofFloats(Shape.of(2, 2), 0, 0, 1, 0);
    Tensor positions = Tensors.ofLongs(Shape.of(1, 2), 0, 1);
    Tensor halves =
        runner.first(operator(Attributes.of("RotaryEmbedding")), x, cosines, sines, positions);
    TensorAssert.assertClose(
        Tensors.ofFloats(x.shape(), 1, 2, 3, 4, -3, -2, 1, -4), halves, 0, 0, "halves");
    Operator interleaved = operator(Attributes.of("RotaryEmbedding").with("interleaved", 1L));
    TensorAssert.assertClose(
        Tensors.ofFloats(x.shape(), 1, 2, 3, 4, -2, 1, -3, -4),
        runner.first(interleaved, x, cosines, sines, positions),
        0,
        0,
        "interleaved");
    assertThrows(
        InvalidInputException.class,
        () -> runner.first(interleaved, x, cosines, sines, Tensors.ofLongs(Shape.of(1, 2), 0, 2)));
  }

  @Test
  void linearAttentionCarriesItsState() {
    Random random = new Random(11);
    Tensor q = floats(random, 1, 6, 4);
    Tensor k = floats(random, 1, 6, 4);
    Tensor v = floats(random, 1, 6, 6);
    Tensor decay = floats(random, 1, 6, 2);
    Tensor beta = floats(random, 1, 6, 2);
    Operator operator =
        operator(Attributes.of("LinearAttention").with("q_num_heads", 2L).with("kv_num_heads", 2L));
    List<Tensor> whole = runner.run(operator, q, k, v, null, decay, beta);
    Tensor state = null;
    for (int from = 0; from < 6; from += 3) {
      int to = from + 3;
      List<Tensor> part =
          runner.run(
              operator,
              cut(q, 1, from, to),
              cut(k, 1, from, to),
              cut(v, 1, from, to),
              state,
              cut(decay, 1, from, to),
              cut(beta, 1, from, to));
      state = part.get(1);
      TensorAssert.assertClose(
          cut(whole.getFirst(), 1, from, to), part.getFirst(), 1e-4, 1e-5, "from " + from);
    }
    TensorAssert.assertClose(whole.get(1), state, 1e-4, 1e-5, "state");
  }

  @Test
  void causalConvolutionCarriesItsState() {
    Operator operator = operator(Attributes.of("CausalConvWithState"));
    Tensor x = Tensors.ofFloats(Shape.of(1, 1, 4), 1, 2, 3, 4);
    Tensor filter = Tensors.ofFloats(Shape.of(1, 1, 3), 100, 10, 1);
    List<Tensor> whole = runner.run(operator, x, filter);
    TensorAssert.assertClose(
        Tensors.ofFloats(x.shape(), 1, 12, 123, 234), whole.getFirst(), 0, 0, "whole");
    List<Tensor> first = runner.run(operator, cut(x, 2, 0, 1), filter);
    TensorAssert.assertClose(
        Tensors.ofFloats(Shape.of(1, 1, 2), 0, 1), first.get(1), 0, 0, "state");
    Tensor rest = runner.first(operator, cut(x, 2, 1, 4), filter, null, first.get(1));
    TensorAssert.assertClose(cut(whole.getFirst(), 2, 1, 4), rest, 0, 0, "rest");
  }
}
