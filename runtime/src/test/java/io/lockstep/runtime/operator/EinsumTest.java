package io.lockstep.runtime.operator;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lockstep.runtime.Seeds;
import io.lockstep.runtime.TensorAssert;
import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.kernel.scalar.ScalarKernels;
import io.lockstep.runtime.kernel.vector.VectorKernels;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import io.lockstep.runtime.tensor.Tensors;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Einstein summations on the matrix kernel and from the definition. */
class EinsumTest {

  private final OperatorRunner runner = OperatorRunner.on(ScalarKernels.create());

  @Test
  void contractsLikeTheDefinition() {
    OperatorRunner vector = OperatorRunner.on(VectorKernels.create());
    Seeds.forAll(
        200,
        random -> {
          List<String> labels = new ArrayList<>(List.of("a", "b", "c", "d", "e"));
          Collections.shuffle(labels, random);
          // One label in both and the output, one in the first, one in the second, two contracted.
          List<String> left =
              shuffled(random, labels.get(0), labels.get(1), labels.get(3), labels.get(4));
          List<String> right =
              shuffled(random, labels.get(0), labels.get(2), labels.get(3), labels.get(4));
          List<String> output = shuffled(random, labels.get(0), labels.get(1), labels.get(2));
          int[] extents = random.ints(5, 1, 6).toArray();
          Tensor a = tensor(random, left, extents);
          Tensor b = tensor(random, right, extents);
          String equation =
              String.join("", left) + "," + String.join("", right) + "->" + String.join("", output);
          Tensor product = vector.first(new Einsum(equation), a, b);
          // Doubles take the path that follows the definition.
          Cast widen = new Cast(DType.FLOAT64);
          Tensor expected =
              runner.first(new Einsum(equation), runner.first(widen, a), runner.first(widen, b));
          TensorAssert.assertClose(
              runner.first(new Cast(DType.FLOAT32), expected), product, 1e-5, 1e-5, equation);
        });
  }

  private static List<String> shuffled(Random random, String... labels) {
    List<String> list = new ArrayList<>(List.of(labels));
    Collections.shuffle(list, random);
    return list;
  }

  private static Tensor tensor(Random random, List<String> labels, int[] extents) {
    int[] shape = labels.stream().mapToInt(label -> extents[label.charAt(0) - 'a']).toArray();
    return RandomTensors.tensor(random, DType.FLOAT32, Shape.of(shape));
  }

  @Test
  void takesDiagonalsAndSumsWithoutAnArrow() {
    Tensor x = Tensors.ofInts(Shape.of(2, 2), 1, 2, 3, 4);
    assertArrayEquals(new long[] {1, 4}, runner.first(new Einsum("ii->i"), x).toLongs());
    assertArrayEquals(new long[] {5}, runner.first(new Einsum("ii"), x).toLongs());
    assertArrayEquals(new long[] {1, 3, 2, 4}, runner.first(new Einsum("ba"), x).toLongs());
  }

  @Test
  void broadcastsAnEllipsis() {
    Tensor a = Tensors.ofFloats(Shape.of(2, 1, 1, 2), 1, 2, 3, 4);
    Tensor b = Tensors.ofFloats(Shape.of(3, 2, 1), 1, 1, 2, 2, 3, 3);
    Tensor y = runner.first(new Einsum("...ij, ...jk -> ...ik"), a, b);
    assertEquals(Shape.of(2, 3, 1, 1), y.shape());
    assertArrayEquals(new float[] {3, 6, 9, 7, 14, 21}, y.toFloats());
  }

  @Test
  void multipliesThreeOperands() {
    Tensor x = Tensors.ofFloats(Shape.of(2), 2, 3);
    Tensor y = runner.first(new Einsum("i,i,i->"), x, x, x);
    assertArrayEquals(new float[] {35}, y.toFloats());
  }

  @Test
  void saysWhichLabelHasTwoExtents() {
    Tensor a = Tensors.zeros(TensorType.of(DType.FLOAT32, 2, 3));
    InvalidModelException e =
        assertThrows(
            InvalidModelException.class, () -> runner.first(new Einsum("ij,jk->ik"), a, a));
    assertEquals("Einsum: label j of 'ij,jk->ik' stands for 3 and 2", e.getMessage());
  }
}
