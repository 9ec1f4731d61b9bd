package io.lockstep.loadtest.traffic;

import java.io.IOException;
import java.net.URI;

/** Kinds of traffic that can be asked for by name. */
public enum Scenario {
  /** Sentences to {@code /v1/embeddings}. */
  EMBEDDINGS,
  /** Tensors to {@code /v2/models/{model}/infer}. */
  TENSORS,
  /** Instances to {@code /v1/models/{model}:predict}. */
  TFSERVING,
  /** Questions to {@code /v1/chat/completions}, with streamed answers. */
  CHAT;

  /**
   * Sizes of requests.
   *
   * @param words of the longest text
   * @param rows along the batch axis of tensors
   * @param length along the axes of tensors that allow any
   * @param tokens of the longest answer
   */
  public record Sizes(int words, int rows, int length, int tokens) {}

  /** Traffic for a model; its inputs are asked from the server where they matter. */
  public Traffic of(URI server, String model, Sizes sizes) throws IOException {
    return switch (this) {
      case EMBEDDINGS -> new EmbeddingTraffic(model, sizes.words());
      case TENSORS ->
          new TensorTraffic(model, InputSignature.of(server, model), sizes.rows(), sizes.length());
      case TFSERVING ->
          new InstanceTraffic(
              model, InputSignature.of(server, model), sizes.rows(), sizes.length());
      case CHAT -> new ChatTraffic(model, sizes.words(), sizes.tokens());
    };
  }
}
