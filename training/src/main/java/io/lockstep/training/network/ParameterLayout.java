package io.lockstep.training.network;

import java.util.ArrayList;
import java.util.List;

/**
 * Where each tensor of a decoder stands in one array of floats, which makes optimisers and sums of
 * gradients loops over one array. Queries, keys and values of a layer are neighbours, and so are
 * gate and up, so that each is one product.
 */
public final class ParameterLayout {

  private final List<Slice> slices = new ArrayList<>();
  private final List<Layer> layers = new ArrayList<>();
  private final Slice embedding;
  private final Slice outputNorm;
  private long count;

  /**
   * One tensor.
   *
   * @param name its name in GGUF files
   * @param rows 1 for the factors of a norm
   * @param offset index of its first float
   */
  public record Slice(String name, int rows, int columns, long offset) {

    public long count() {
      return (long) rows * columns;
    }

    /** Whether it multiplies states, unlike the factors of a norm. */
    public boolean isMatrix() {
      return rows > 1;
    }
  }

  /**
   * The tensors of a layer; all matrices are [outputs, inputs].
   *
   * @param query [heads * headSize, width]; key and value follow
   * @param gate [feedForward, width]; up follows
   */
  record Layer(
      Slice attentionNorm,
      Slice query,
      Slice attentionOutput,
      Slice feedForwardNorm,
      Slice gate,
      Slice down) {}

  public ParameterLayout(DecoderShape shape) {
    int width = shape.width();
    int kvWidth = shape.kvHeads() * shape.headSize();
    embedding = slice("token_embd", shape.vocabulary(), width);
    for (int i = 0; i < shape.layers(); i++) {
      String at = "blk." + i + ".";
      Slice attentionNorm = slice(at + "attn_norm", 1, width);
      Slice query = slice(at + "attn_q", shape.queryWidth(), width);
      slice(at + "attn_k", kvWidth, width);
      slice(at + "attn_v", kvWidth, width);
      Slice attentionOutput = slice(at + "attn_output", width, shape.queryWidth());
      Slice feedForwardNorm = slice(at + "ffn_norm", 1, width);
      Slice gate = slice(at + "ffn_gate", shape.feedForward(), width);
      slice(at + "ffn_up", shape.feedForward(), width);
      Slice down = slice(at + "ffn_down", width, shape.feedForward());
      layers.add(new Layer(attentionNorm, query, attentionOutput, feedForwardNorm, gate, down));
    }
    outputNorm = slice("output_norm", 1, width);
  }

  private Slice slice(String name, int rows, int columns) {
    Slice slice = new Slice(name + ".weight", rows, columns, count);
    slices.add(slice);
    count += slice.count();
    return slice;
  }

  /** All tensors in the order of their offsets. */
  public List<Slice> slices() {
    return List.copyOf(slices);
  }

  /** Floats of all tensors. */
  public long count() {
    return count;
  }

  /** [vocabulary, width]; also makes logits of the last states. */
  Slice embedding() {
    return embedding;
  }

  Layer layer(int index) {
    return layers.get(index);
  }

  Slice outputNorm() {
    return outputNorm;
  }
}
