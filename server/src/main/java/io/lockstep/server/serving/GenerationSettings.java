package io.lockstep.server.serving;

import io.lockstep.runtime.grammar.Grammar;
import io.lockstep.runtime.sampling.SamplingSettings;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a text is generated.
 *
 * @param sampling how tokens are chosen
 * @param maxTokens at most so many are generated; 0 for as many as the context has room for
 * @param minTokens the text does not end by itself before so many
 * @param stopStrings the text ends before the first of these
 * @param stopIds the text ends before the first of these tokens
 * @param ignoreEnd whether the model may not end the text
 * @param topLogprobs how many of the most probable tokens are told with each token; -1 for no
 *     probabilities at all
 * @param grammar that the text follows, or null for any text
 */
public record GenerationSettings(
    SamplingSettings sampling,
    int maxTokens,
    int minTokens,
    List<String> stopStrings,
    List<Integer> stopIds,
    boolean ignoreEnd,
    int topLogprobs,
    @Nullable Grammar grammar) {

  public GenerationSettings {
    stopStrings = List.copyOf(stopStrings);
    stopIds = List.copyOf(stopIds);
    if (maxTokens < 0 || minTokens < 0 || topLogprobs < -1) {
      throw ServingException.invalid("numbers of tokens must not be negative");
    }
    if (stopStrings.stream().anyMatch(String::isEmpty)) {
      throw ServingException.invalid("a stop string must not be empty").at("stop");
    }
  }
}
