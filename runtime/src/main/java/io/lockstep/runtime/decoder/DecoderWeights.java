package io.lockstep.runtime.decoder;

import io.lockstep.runtime.kernel.BlockMatrix;
import java.lang.foreign.MemorySegment;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The weights of a decoder, in the memory of the file that they come from. Vectors are floats.
 *
 * @param embedding [vocabulary, width]
 * @param outputNorm [width]
 * @param output [vocabulary, width]; the embedding where a model ties the two
 * @param ropeFactors [rope size / 2] divisors of the angles, or null for none
 */
public record DecoderWeights(
    BlockMatrix embedding,
    List<Layer> layers,
    MemorySegment outputNorm,
    BlockMatrix output,
    @Nullable MemorySegment ropeFactors) {

  /** The number of elements of all matrices and vectors. */
  public long parameters() {
    boolean isTied = output.data().address() == embedding.data().address();
    return count(embedding)
        + (isTied ? 0 : count(output))
        + count(outputNorm)
        + layers.stream().mapToLong(Layer::parameters).sum();
  }

  /** The matrices that products are with, layer by layer, the output last. */
  public List<BlockMatrix> matrices() {
    return Stream.concat(
            layers.stream().flatMap(layer -> layer.matrices().stream()), Stream.of(output))
        .toList();
  }

  /** The same with others in place of {@link #matrices}. */
  public DecoderWeights withMatrices(List<BlockMatrix> others) {
    Iterator<BlockMatrix> next = others.iterator();
    List<Layer> with = layers.stream().map(layer -> layer.withMatrices(next)).toList();
    return new DecoderWeights(embedding, with, outputNorm, next.next(), ropeFactors);
  }

  private static long count(BlockMatrix matrix) {
    return (long) matrix.n() * matrix.k();
  }

  private static long count(@Nullable MemorySegment vector) {
    return vector == null ? 0 : vector.byteSize() / Float.BYTES;
  }

  /**
   * The weights of one layer; null where the architecture has none.
   *
   * @param attentionNorm [width]
   * @param query [heads * headSize, width]
   * @param key [kvHeads * headSize, width]
   * @param value [kvHeads * headSize, width]
   * @param queryBias [heads * headSize]
   * @param keyBias [kvHeads * headSize]
   * @param valueBias [kvHeads * headSize]
   * @param queryNorm [headSize]
   * @param keyNorm [headSize]
   * @param attentionOutput [width, heads * headSize]
   * @param feedForwardNorm [width]
   * @param gate [feedForward, width]
   * @param up [feedForward, width]
   * @param down [width, feedForward]
   */
  public record Layer(
      MemorySegment attentionNorm,
      BlockMatrix query,
      BlockMatrix key,
      BlockMatrix value,
      @Nullable MemorySegment queryBias,
      @Nullable MemorySegment keyBias,
      @Nullable MemorySegment valueBias,
      @Nullable MemorySegment queryNorm,
      @Nullable MemorySegment keyNorm,
      BlockMatrix attentionOutput,
      MemorySegment feedForwardNorm,
      BlockMatrix gate,
      BlockMatrix up,
      BlockMatrix down) {

    List<BlockMatrix> matrices() {
      return List.of(query, key, value, attentionOutput, gate, up, down);
    }

    Layer withMatrices(Iterator<BlockMatrix> next) {
      return new Layer(
          attentionNorm,
          next.next(),
          next.next(),
          next.next(),
          queryBias,
          keyBias,
          valueBias,
          queryNorm,
          keyNorm,
          next.next(),
          feedForwardNorm,
          next.next(),
          next.next(),
          next.next());
    }

    long parameters() {
      return matrices().stream().mapToLong(DecoderWeights::count).sum()
          + Stream.of(
                  attentionNorm, queryBias, keyBias, valueBias, queryNorm, keyNorm, feedForwardNorm)
              .mapToLong(DecoderWeights::count)
              .sum();
    }
  }
}
