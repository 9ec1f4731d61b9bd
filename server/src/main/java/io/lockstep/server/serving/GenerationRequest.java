package io.lockstep.server.serving;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A prompt to continue.
 *
 * @param model the model's name
 * @param version the version, or null for the preferred one
 * @param choices how many texts are wanted
 * @param tenant whose request it is, for sharing fairly
 * @param clock started when the request arrived
 */
public record GenerationRequest(
    String model,
    @Nullable String version,
    Prompt prompt,
    GenerationSettings settings,
    int choices,
    Tenant tenant,
    Deadline deadline,
    PhaseClock clock) {

  /** What is to be continued. */
  public sealed interface Prompt {

    /** Plain text; the special tokens that the model's texts begin with are added. */
    record Text(String text) implements Prompt {}

    /** What a chat template made: special tokens are spelled out already. */
    record Templated(String text) implements Prompt {}

    /** Token ids as the model takes them; nothing is added. */
    record Tokens(List<Integer> ids) implements Prompt {
      public Tokens {
        ids = List.copyOf(ids);
      }
    }
  }
}
