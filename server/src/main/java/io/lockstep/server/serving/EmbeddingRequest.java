package io.lockstep.server.serving;

import io.lockstep.runtime.tokenizer.Truncation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Texts, or rows of token ids, to turn into vectors.
 *
 * @param model the model's name
 * @param version the version, or null for the preferred one
 * @param inputs at least one
 * @param options how to embed
 * @param deadline for all of them
 * @param clock started when the request arrived
 */
public record EmbeddingRequest(
    String model,
    @Nullable String version,
    List<Input> inputs,
    Options options,
    Deadline deadline,
    PhaseClock clock) {

  public EmbeddingRequest {
    inputs = List.copyOf(inputs);
  }

  /** One row of a request. */
  public sealed interface Input {

    /** Text to tokenise. */
    record Text(String text) implements Input {}

    /** Two texts in one row, as models that compare them want it. */
    record Pair(String first, String second) implements Input {}

    /** Token ids as the model takes them, special tokens included: nothing is added. */
    record Tokens(List<Integer> ids) implements Input {
      public Tokens {
        ids = List.copyOf(ids);
      }
    }
  }

  /**
   * How to embed.
   *
   * @param truncate whether texts beyond the model's maximum are cut; else they are refused
   * @param side the end that is cut
   * @param normalize whether vectors get length 1; null for the model's own setting
   * @param dimensions how many leading elements to keep before normalising, or 0 for all
   * @param priority as in {@link InferRequest.Builder#priority}
   */
  public record Options(
      boolean truncate,
      Truncation.Side side,
      @Nullable Boolean normalize,
      int dimensions,
      int priority) {

    /** Long texts refused, the model's own normalisation, whole vectors, ordinary priority. */
    public static final Options DEFAULT = new Options(false, Truncation.Side.RIGHT, null, 0, 0);
  }
}
