package io.lockstep.runtime.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.lockstep.runtime.Seeds;
import io.lockstep.runtime.kernel.Attention.Cache;
import io.lockstep.runtime.kernel.Attention.Heads;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Causal attention on a paged cache. */
interface AttentionConformance extends ConformanceCase {

  int BLOCKS = 24;

  /** Rows of sequences; each sequence's blocks are a column of {@code blocks}. */
  final class TestRows implements Attention.Rows {

    private final int[] sequences; // [rows]
    private final int[] positions; // [rows]
    private final int[][] blocks; // [sequences][blocks]

    TestRows(int[] sequences, int[] positions, int[][] blocks) {
      this.sequences = sequences;
      this.positions = positions;
      this.blocks = blocks;
    }

    @Override
    public int rows() {
      return sequences.length;
    }

    @Override
    public int position(int row) {
      return positions[row];
    }

    @Override
    public int block(int row, int index) {
      return blocks[sequences[row]][index];
    }

    @Override
    public boolean isSameSequence(int row, int other) {
      return sequences[row] == sequences[other];
    }

    TestRows only(int row) {
      return new TestRows(new int[] {sequences[row]}, new int[] {positions[row]}, blocks);
    }
  }

  /** Two sequences: a piece of seven tokens that ends at a border of blocks, and one token. */
  private static TestRows twoSequences() {
    int[][] blocks = {{7, 3, 23, 0, 9}, {5, 1, 2, 22, 11, 4}};
    return new TestRows(
        new int[] {0, 0, 0, 0, 0, 0, 0, 1}, new int[] {41, 42, 43, 44, 45, 46, 47, 81}, blocks);
  }

  private static Cache cache(Random random, Heads heads) {
    int count = 5 + BLOCKS * heads.kvHeads() * heads.size() * Attention.BLOCK;
    MemorySegment keys = Input.bare(Input.gaussians(random, count));
    return new Cache(keys, Input.bare(Input.gaussians(random, count)), 5);
  }

  private static double element(MemorySegment segment, long index) {
    return segment.getAtIndex(ValueLayout.JAVA_FLOAT_UNALIGNED, index);
  }

  /** One head of one row, double [size]. */
  private static double[] expected(
      Heads heads, TestRows rows, Cache cache, int row, int head, float[] queries) {
    int size = heads.size();
    int kvHead = head / (heads.heads() / heads.kvHeads());
    int last = rows.position(row);
    double[] weights = new double[last + 1];
    double sum = 0;
    for (int p = heads.first(last); p <= last; p++) {
      long block =
          cache.from() + ((long) rows.block(row, p / 16) * heads.kvHeads() + kvHead) * 16 * size;
      double score = 0;
      for (int i = 0; i < size; i++) {
        double query = queries[(row * heads.heads() + head) * size + i];
        score += query * element(cache.keys(), block + i * 16L + p % 16);
      }
      score *= heads.scale();
      double cap = heads.softCap();
      weights[p] = Math.exp(cap == 0 ? score : cap * Math.tanh(score / cap));
      sum += weights[p];
    }
    double[] result = new double[size];
    for (int p = heads.first(last); p <= last; p++) {
      long block =
          cache.from() + ((long) rows.block(row, p / 16) * heads.kvHeads() + kvHead) * 16 * size;
      for (int i = 0; i < size; i++) {
        result[i] += weights[p] / sum * element(cache.values(), block + p % 16L * size + i);
      }
    }
    return result;
  }

  private float[] attend(Heads heads, TestRows rows, Cache cache, float[] queries) {
    MemorySegment results = Input.scratch((long) queries.length * Float.BYTES);
    kernels().attention().attend(heads, rows, cache, Input.bare(queries), results, threads());
    return results.toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
  }

  @Test
  default void attentionMatchesItsDefinitionInDouble() {
    Seeds.forAll(
        3,
        random -> {
          int kvHeads = random.nextInt(1, 4);
          // Heads of models are whole vectors; so are some of these.
          int size = random.nextInt(1, 90) << (random.nextInt(2) * 3);
          int window = random.nextBoolean() ? 0 : random.nextInt(1, 40);
          float cap = random.nextBoolean() ? 0 : 3;
          Heads heads = new Heads(kvHeads * random.nextInt(1, 7), kvHeads, size, 0.3f, window, cap);
          TestRows rows = twoSequences();
          Cache cache = cache(random, heads);
          float[] queries = Input.gaussians(random, rows.rows() * heads.heads() * size);
          float[] actual = attend(heads, rows, cache, queries);
          for (int row = 0; row < rows.rows(); row++) {
            for (int head = 0; head < heads.heads(); head++) {
              double[] expected = expected(heads, rows, cache, row, head, queries);
              for (int i = 0; i < size; i++) {
                float result = actual[(row * heads.heads() + head) * size + i];
                ConformanceCase.assertNear(expected[i], result, 2e-5, heads.toString());
              }
            }
          }
        });
  }

  @Test
  default void attentionOfARowDoesNotDependOnTheOthers() {
    for (int kvHeads : new int[] {1, 2, 10}) {
      for (int window : new int[] {0, 3, 20}) {
        assertRowsAreAlone(new Heads(10, kvHeads, 24, 0.2f, window, 0));
        assertRowsAreAlone(new Heads(10, kvHeads, 80, 0.2f, window, 0));
      }
    }
  }

  private void assertRowsAreAlone(Heads heads) {
    Random random = new Random(4);
    TestRows rows = twoSequences();
    Cache cache = cache(random, heads);
    int width = heads.heads() * heads.size();
    float[] queries = Input.gaussians(random, rows.rows() * width);
    float[] all = attend(heads, rows, cache, queries);
    for (int row = 0; row < rows.rows(); row++) {
      float[] query = Arrays.copyOfRange(queries, row * width, (row + 1) * width);
      assertArrayEquals(
          Arrays.copyOfRange(all, row * width, (row + 1) * width),
          attend(heads, rows.only(row), cache, query));
    }
  }

  @Test
  default void aWindowWiderThanTheTextChangesNothing() {
    Random random = new Random(6);
    Heads heads = new Heads(4, 4, 17, 0.2f, 0, 0);
    TestRows rows = twoSequences();
    Cache cache = cache(random, heads);
    float[] queries = Input.gaussians(random, rows.rows() * 4 * 17);
    Heads windowed = new Heads(4, 4, 17, 0.2f, 82, 0);
    assertArrayEquals(attend(heads, rows, cache, queries), attend(windowed, rows, cache, queries));
  }
}
