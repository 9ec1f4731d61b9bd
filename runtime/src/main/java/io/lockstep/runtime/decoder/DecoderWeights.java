package io.lockstep.runtime.decoder;

import io.lockstep.runtime.kernel.BlockMatrix;
import java.lang.foreign.MemorySegment;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The weights of a decoder. Vectors are floats.
 *
 * @param embedding [vocabulary, width]
 * @param positions [context length, width], added to the embedding; null where positions turn heads
 * @param outputNorm [width]
 * @param output [vocabulary, width]; the embedding where a model ties the two
 * @param ropeFactors [rope size / 2] divisors of the angles, or null for none
 */
public record DecoderWeights(
    BlockMatrix embedding,
    @Nullable BlockMatrix positions,
    List<Layer> layers,
    Norm outputNorm,
    BlockMatrix output,
    @Nullable MemorySegment ropeFactors) {

  /**
   * A product with a constant matrix.
   *
   * @param matrix [outputs, inputs]
   * @param bias [outputs], or null for none
   */
  public record Product(BlockMatrix matrix, @Nullable MemorySegment bias) {

    private Product with(BlockMatrix other) {
      return new Product(other, bias);
    }

    private long parameters() {
      return count(matrix) + count(bias);
    }
  }

  /**
   * A normalisation of the state.
   *
   * @param gamma [width]
   * @param beta [width], or null for none
   */
  public record Norm(MemorySegment gamma, @Nullable MemorySegment beta) {}

  /** The number of elements of all matrices and vectors. */
  public long parameters() {
    boolean isTied = output.data().address() == embedding.data().address();
    return count(embedding)
        + (positions == null ? 0 : count(positions))
        + (isTied ? 0 : count(output))
        + count(outputNorm)
        + layers.stream().mapToLong(Layer::parameters).sum();
  }

  /** The matrices that products are with, layer by layer, the output last. */
  public List<BlockMatrix> matrices() {
    return Stream.concat(
            layers.stream().flatMap(layer -> layer.products().map(Product::matrix)),
            Stream.of(output))
        .toList();
  }

  /** The same with others in place of {@link #matrices}. */
  public DecoderWeights withMatrices(List<BlockMatrix> others) {
    Iterator<BlockMatrix> next = others.iterator();
    List<Layer> with = layers.stream().map(layer -> layer.withMatrices(next)).toList();
    return new DecoderWeights(embedding, positions, with, outputNorm, next.next(), ropeFactors);
  }

  private static long count(BlockMatrix matrix) {
    return (long) matrix.n() * matrix.k();
  }

  private static long count(@Nullable MemorySegment vector) {
    return vector == null ? 0 : vector.byteSize() / Float.BYTES;
  }

  private static long count(@Nullable Norm norm) {
    return norm == null ? 0 : count(norm.gamma) + count(norm.beta);
  }

  /**
   * The weights of one layer; null where the architecture has none.
   *
   * @param query [heads * headSize, width]
   * @param key [kvHeads * headSize, width]
   * @param value [kvHeads * headSize, width]
   * @param queryNorm [headSize]
   * @param keyNorm [headSize]
   * @param attentionOutput [width, heads * headSize]
   * @param attentionPostNorm of what attention adds to the state
   * @param gate [feedForward, width]
   * @param up [feedForward, width]
   * @param down [width, feedForward]
   * @param feedForwardPostNorm of what the feed-forward layer adds to the state
   */
  public record Layer(
      Norm attentionNorm,
      Product query,
      Product key,
      Product value,
      @Nullable MemorySegment queryNorm,
      @Nullable MemorySegment keyNorm,
      Product attentionOutput,
      @Nullable Norm attentionPostNorm,
      Norm feedForwardNorm,
      @Nullable Product gate,
      Product up,
      Product down,
      @Nullable Norm feedForwardPostNorm) {

    private Stream<Product> products() {
      return Stream.of(query, key, value, attentionOutput, gate, up, down).filter(Objects::nonNull);
    }

    private Layer withMatrices(Iterator<BlockMatrix> next) {
      return new Layer(
          attentionNorm,
          query.with(next.next()),
          key.with(next.next()),
          value.with(next.next()),
          queryNorm,
          keyNorm,
          attentionOutput.with(next.next()),
          attentionPostNorm,
          feedForwardNorm,
          gate == null ? null : gate.with(next.next()),
          up.with(next.next()),
          down.with(next.next()),
          feedForwardPostNorm);
    }

    private long parameters() {
      return products().mapToLong(Product::parameters).sum()
          + count(attentionNorm)
          + count(queryNorm)
          + count(keyNorm)
          + count(attentionPostNorm)
          + count(feedForwardNorm)
          + count(feedForwardPostNorm);
    }
  }
}
