package io.lockstep.runtime.operator;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lockstep.runtime.Seeds;
import io.lockstep.runtime.error.InvalidInputException;
import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.kernel.scalar.ScalarKernels;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import io.lockstep.runtime.tensor.Tensors;
import java.util.Comparator;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** ArgMax, TopK and what looks elements up by index. */
class PickingTest {

  private final OperatorRunner runner = OperatorRunner.on(ScalarKernels.create());

  private static Attributes attributes(String operator) {
    return Attributes.of(operator);
  }

  @Test
  void findsTheFirstOrTheLastOfEqualExtremes() {
    Tensor x = Tensors.ofInts(Shape.of(2, 3), 5, 5, 1, -2, 7, -2);
    ArgExtreme first = new ArgExtreme(true, 1, false, false);
    assertArrayEquals(new long[] {0, 1}, runner.first(first, x).toLongs());
    ArgExtreme last = new ArgExtreme(true, -1, false, true);
    assertArrayEquals(new long[] {1, 1}, runner.first(last, x).toLongs());
    ArgExtreme least = new ArgExtreme(false, 1, true, true);
    assertEquals(Shape.of(2, 1), runner.first(least, x).shape());
    assertArrayEquals(new long[] {2, 2}, runner.first(least, x).toLongs());
  }

  @Test
  void takesANaNForEitherExtreme() {
    Tensor x = Tensors.ofFloats(Shape.of(3), 1, Float.NaN, -1);
    for (boolean max : new boolean[] {true, false}) {
      ArgExtreme operator = new ArgExtreme(max, 0, false, false);
      assertArrayEquals(new long[] {1}, runner.first(operator, x).toLongs());
    }
  }

  @Test
  void refusesTheExtremeOfNothing() {
    Tensor x = Tensors.ofFloats(Shape.of(2, 0));
    ArgExtreme operator = new ArgExtreme(true, 1, true, false);
    InvalidModelException e =
        assertThrows(InvalidModelException.class, () -> runner.first(operator, x));
    assertEquals("ArgMax: axis 1 of [2,0] is empty", e.getMessage());
  }

  @Test
  void ranksLikeAFullSort() {
    Seeds.forAll(
        200,
        random -> {
          int length = random.nextInt(1, 60);
          int k = random.nextInt(0, length + 1);
          boolean largest = random.nextBoolean();
          Tensor x = RandomTensors.tensor(random, DType.INT32, Shape.of(2, length, 3));
          List<Tensor> found = runner.run(new TopK(1, 0, largest), x, Tensors.vector(k));
          assertEquals(Shape.of(2, k, 3), found.getFirst().shape());
          for (int lane = 0; lane < 6; lane++) {
            int first = lane / 3 * length * 3 + lane % 3;
            Comparator<Long> order = Comparator.comparingInt(i -> x.getInt(first + i * 3));
            long[] expected =
                LongStream.range(0, length)
                    .boxed()
                    .sorted((largest ? order.reversed() : order).thenComparing(i -> i))
                    .mapToLong(Long::longValue)
                    .limit(k)
                    .toArray();
            for (int i = 0; i < k; i++) {
              long at = lane / 3 * (long) k * 3 + i * 3L + lane % 3;
              assertEquals(expected[i], found.get(1).getLong(at), "index " + i);
              assertEquals(
                  x.getInt(first + expected[i] * 3), found.get(0).getInt(at), "value " + i);
            }
          }
        });
  }

  @Test
  void takesTheNumberOfBestFromTheAttributeOfOldModels() {
    TopK operator = TopK.of(attributes("TopK").opset(9).with("k", 2L));
    Tensor x = Tensors.ofFloats(Shape.of(4), 3, Float.NaN, 4, 4);
    List<Tensor> found = runner.run(operator, x);
    assertArrayEquals(new long[] {1, 2}, found.get(1).toLongs());
  }

  @Test
  void refusesMoreBestThanThereAre() {
    Tensor x = Tensors.ofFloats(Shape.of(2), 1, 2);
    TopK operator = new TopK(-1, 0, true);
    InvalidModelException e =
        assertThrows(InvalidModelException.class, () -> runner.run(operator, x, Tensors.vector(3)));
    assertEquals("TopK: k = 3, expected 0 to 2", e.getMessage());
  }

  @Test
  void gathersElementsAtTheirOwnPlace() {
    Tensor x = Tensors.ofFloats(Shape.of(2, 3), 1, 2, 3, 4, 5, 6);
    Tensor indices = Tensors.ofLongs(Shape.of(1, 3), 1, 0, -1);
    Tensor y = runner.first(new GatherElements(0), x, indices);
    assertArrayEquals(new float[] {4, 2, 6}, y.toFloats());
  }

  @Test
  void gathersBlocksWithinTheirBatch() {
    Tensor x = Tensors.ofStrings(Shape.of(2, 2, 2), "a", "b", "c", "d", "e", "f", "g", "h");
    Tensor indices = Tensors.ofLongs(Shape.of(2, 1), 1, 0);
    Tensor y = runner.first(new GatherTuples(1), x, indices);
    assertEquals(Shape.of(2, 2), y.shape());
    assertEquals("c", y.getString(0));
    assertEquals("f", y.getString(3));
  }

  @Test
  void namesAnIndexThatIsOutOfRange() {
    Tensor x = Tensors.ofFloats(Shape.of(2, 2), 1, 2, 3, 4);
    Tensor wrong = Tensors.ofLongs(Shape.of(1, 2), 0, 2);
    assertEquals(
        "GatherElements: index 2 is out of range for extent 2",
        assertThrows(
                InvalidInputException.class, () -> runner.first(new GatherElements(0), x, wrong))
            .getMessage());
    assertEquals(
        "GatherND: index 2 is out of range for extent 2",
        assertThrows(InvalidInputException.class, () -> runner.first(new GatherTuples(0), x, wrong))
            .getMessage());
    assertEquals(
        "Gather: index 2 is out of range for extent 2",
        assertThrows(InvalidInputException.class, () -> runner.first(new Gather(1), x, wrong))
            .getMessage());
  }

  @Test
  void findsThePlacesOfWhatIsNotZero() {
    Tensor x = Tensors.ofFloats(Shape.of(2, 2), 0, 3, -0f, Float.NaN);
    Tensor y = runner.first(new NonZero(), x);
    assertEquals(TensorType.of(DType.INT64, 2, 2), y.type());
    assertArrayEquals(new long[] {0, 1, 1, 1}, y.toLongs());
    Tensor none = runner.first(new NonZero(), Tensors.ofFloats(Shape.of(0, 2)));
    assertEquals(Shape.of(2, 0), none.shape());
  }

  @Test
  void compressesAlongAnAxisOrAllElements() {
    Tensor x = Tensors.ofInts(Shape.of(2, 3), 1, 2, 3, 4, 5, 6);
    Tensor condition = Tensors.ofBooleans(Shape.of(3), true, false, true);
    Compress columns = Compress.of(attributes("Compress").with("axis", 1L));
    Tensor y = runner.first(columns, x, condition);
    assertEquals(Shape.of(2, 2), y.shape());
    assertArrayEquals(new long[] {1, 3, 4, 6}, y.toLongs());
    Compress all = Compress.of(attributes("Compress"));
    assertArrayEquals(new long[] {1, 3}, runner.first(all, x, condition).toLongs());
  }

  @Test
  void listsDistinctRowsInOrderOfAppearanceOrSorted() {
    Tensor x = Tensors.ofInts(Shape.of(3, 2), 5, 1, 2, 2, 5, 1);
    Unique appearing = Unique.of(attributes("Unique").with("axis", 0L).with("sorted", 0L));
    List<Tensor> found = runner.run(appearing, x);
    assertArrayEquals(new long[] {5, 1, 2, 2}, found.get(0).toLongs());
    assertArrayEquals(new long[] {0, 1}, found.get(1).toLongs());
    assertArrayEquals(new long[] {0, 1, 0}, found.get(2).toLongs());
    assertArrayEquals(new long[] {2, 1}, found.get(3).toLongs());
    Unique sorted = Unique.of(attributes("Unique").with("axis", 0L));
    assertArrayEquals(new long[] {2, 2, 5, 1}, runner.first(sorted, x).toLongs());
  }
}
