package io.lockstep.runtime.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.lockstep.runtime.Seeds;
import io.lockstep.runtime.kernel.HeadAttention.Extent;
import io.lockstep.runtime.kernel.HeadAttention.Rows;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Attention of one head. */
interface HeadAttentionConformance extends ConformanceCase {

  /** A head's operands, row after row without gaps. */
  final class Head {

    private final Extent extent;
    private final float scale;
    private final float[] q; // [queries, size]
    private final float[] k; // [keys, size]
    private final float[] v; // [keys, valueSize]
    private final float @Nullable [] bias; // [keys]

    Head(Extent extent, float scale, float[] q, float[] k, float[] v, float @Nullable [] bias) {
      this.extent = extent;
      this.scale = scale;
      this.q = q;
      this.k = k;
      this.v = v;
      this.bias = bias;
    }

    static Head random(Random random, Extent e) {
      float[] bias = random.nextBoolean() ? null : Input.gaussians(random, e.keys());
      for (int i = 1; bias != null && i < bias.length; i++) {
        bias[i] = random.nextInt(4) == 0 ? -10000 : bias[i];
      }
      return new Head(
          e,
          0.3f,
          Input.gaussians(random, e.queries() * e.size()),
          Input.gaussians(random, e.keys() * e.size()),
          Input.gaussians(random, e.keys() * e.valueSize()),
          bias);
    }

    Head query(int row) {
      Extent one = new Extent(1, extent.keys(), extent.size(), extent.valueSize());
      float[] own = Arrays.copyOfRange(q, row * extent.size(), (row + 1) * extent.size());
      return new Head(one, scale, own, k, v, bias);
    }

    /** With keys behind the others that nobody looks at. */
    Head padded(int keys) {
      Extent more =
          new Extent(extent.queries(), extent.keys() + keys, extent.size(), extent.valueSize());
      float[] longer = bias == null ? new float[more.keys()] : Arrays.copyOf(bias, more.keys());
      Arrays.fill(longer, extent.keys(), more.keys(), -10000);
      float[] k2 = Arrays.copyOf(k, more.keys() * more.size());
      float[] v2 = Arrays.copyOf(v, more.keys() * more.valueSize());
      Arrays.fill(v2, v.length, v2.length, 3);
      return new Head(more, scale, q, k2, v2, longer);
    }

    /** Row after row, in double precision. */
    double[] expected() {
      double[] y = new double[extent.queries() * extent.valueSize()];
      for (int query = 0; query < extent.queries(); query++) {
        double[] weights = new double[extent.keys()];
        for (int key = 0; key < weights.length; key++) {
          for (int i = 0; i < extent.size(); i++) {
            weights[key] +=
                (double) scale * q[query * extent.size() + i] * k[key * extent.size() + i];
          }
          weights[key] += bias == null ? 0 : bias[key];
        }
        double max = Arrays.stream(weights).max().orElseThrow();
        double sum = Arrays.stream(weights).map(w -> Math.exp(w - max)).sum();
        for (int key = 0; key < weights.length; key++) {
          double weight = Math.exp(weights[key] - max) / sum;
          for (int i = 0; i < extent.valueSize(); i++) {
            y[query * extent.valueSize() + i] += weight * v[key * extent.valueSize() + i];
          }
        }
      }
      return y;
    }
  }

  private static Rows rows(float[] values, int columns, int stride) {
    int count = values.length / columns;
    float[] spread = new float[count == 0 ? 0 : (count - 1) * stride + columns];
    Arrays.fill(spread, Float.NaN);
    for (int row = 0; row < count; row++) {
      System.arraycopy(values, row * columns, spread, row * stride, columns);
    }
    Input input = Input.of(spread);
    return new Rows(input.segment(), input.offset(), stride);
  }

  private Output run(Head head, int gap) {
    Extent e = head.extent;
    Output y = Output.ofWords(e.queries(), e.valueSize(), e.valueSize() + gap);
    MemorySegment bias = head.bias == null ? null : Input.bare(head.bias);
    HeadAttention kernel = kernels().headAttention();
    kernel.run(
        e,
        head.scale,
        rows(head.q, e.size(), e.size() + gap),
        rows(head.k, e.size(), e.size() + gap),
        rows(head.v, e.valueSize(), e.valueSize() + gap),
        bias,
        new Rows(y.segment(), y.offset(), y.stride()),
        Input.scratch(kernel.workspaceBytes(e)));
    y.assertNothingElseWritten();
    return y;
  }

  private static Extent randomExtent(Random random) {
    return new Extent(
        random.nextInt(1, 40), random.nextInt(1, 90), random.nextInt(1, 70), random.nextInt(1, 70));
  }

  @Test
  default void headsMatchTheirDefinitionInDouble() {
    Seeds.forAll(
        60,
        random -> {
          Head head = Head.random(random, randomExtent(random));
          Output y = run(head, random.nextInt(5));
          double[] expected = head.expected();
          int columns = head.extent.valueSize();
          for (int i = 0; i < expected.length; i++) {
            float actual = y.getFloat(i / columns, i % columns);
            ConformanceCase.assertNear(expected[i], actual, 2e-5, head.extent.toString());
          }
        });
  }

  @Test
  default void queriesOfAHeadAreTheSameAlone() {
    Seeds.forAll(
        20,
        random -> {
          Head head = Head.random(random, randomExtent(random));
          Output y = run(head, 0);
          for (int query = 0; query < head.extent.queries(); query++) {
            assertArrayEquals(y.bits(query), run(head.query(query), 3).bits(), "query " + query);
          }
        });
  }

  @Test
  default void keysThatAreMaskedChangeNoBitOfAHead() {
    Seeds.forAll(
        20,
        random -> {
          Head head = Head.random(random, randomExtent(random));
          Head biased =
              new Head(
                  head.extent, head.scale, head.q, head.k, head.v, new float[head.extent.keys()]);
          int more = random.nextInt(1, 50);
          assertArrayEquals(run(biased, 0).bits(), run(biased.padded(more), 0).bits());
        });
  }

  @Test
  default void largeScoresOfAHeadDoNotOverflow() {
    Extent e = new Extent(3, 20, 4, 5);
    float[] q = new float[12];
    Arrays.fill(q, 100);
    float[] k = new float[80];
    Arrays.fill(k, 0, 4, 100);
    float[] v = new float[100];
    Arrays.fill(v, 0, 5, 7);
    float[] y = run(new Head(e, 1, q, k, v, null), 0).floats(2);
    assertArrayEquals(new float[] {7, 7, 7, 7, 7}, y);
  }
}
