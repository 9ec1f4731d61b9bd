package io.lockstep.runtime.sampling;

import io.lockstep.runtime.error.InvalidInputException;
import java.util.Map;

/**
 * How tokens are chosen. The order is: bias, penalties, temperature, min p, top k, top p, typical
 * p.
 *
 * @param temperature by which logits are divided; 0 chooses the most probable token
 * @param topK how many of the most probable tokens are kept, 0 for all
 * @param topP the most probable tokens are kept until they have this share of the probability
 * @param minP tokens below this share of the most probable one's probability are dropped
 * @param typicalP of the tokens whose surprise is nearest the expected one, those are kept that
 *     have this share of the probability (Meister et al., 2022, section 3)
 * @param penalties on tokens that have occurred
 * @param logitBias added to the logits of tokens, by id
 * @param seed of the choice; equal seeds choose alike, whatever else is in a batch
 */
public record SamplingSettings(
    double temperature,
    int topK,
    double topP,
    double minP,
    double typicalP,
    Penalties penalties,
    Map<Integer, Float> logitBias,
    long seed) {

  /** The most probable token, always. */
  public static final SamplingSettings GREEDY =
      new SamplingSettings(0, 0, 1, 0, 1, Penalties.NONE, Map.of(), 0);

  public SamplingSettings {
    Penalties.require(
        temperature >= 0 && temperature <= 100, "temperature", "0 to 100", temperature);
    Penalties.require(topK >= 0, "top_k", "at least 0", topK);
    Penalties.require(topP > 0 && topP <= 1, "top_p", "above 0 and at most 1", topP);
    Penalties.require(minP >= 0 && minP <= 1, "min_p", "0 to 1", minP);
    Penalties.require(
        typicalP > 0 && typicalP <= 1, "typical_p", "above 0 and at most 1", typicalP);
    logitBias = Map.copyOf(logitBias);
  }

  /** The same with another seed. */
  public SamplingSettings withSeed(long newSeed) {
    return new SamplingSettings(
        temperature, topK, topP, minP, typicalP, penalties, logitBias, newSeed);
  }

  /**
   * What lowers the logits of tokens that have occurred.
   *
   * @param repetition positive logits are divided by it and others multiplied, when a token occurs
   *     in the prompt or after it (Keskar et al., 2019, section 4.1); 1 for none
   * @param frequency subtracted once for each time that a token was generated
   * @param presence subtracted when a token was generated at all
   */
  public record Penalties(double repetition, double frequency, double presence) {

    public static final Penalties NONE = new Penalties(1, 0, 0);

    public Penalties {
      require(repetition > 0 && repetition <= 100, "repetition_penalty", "above 0", repetition);
      require(Math.abs(frequency) <= 2, "frequency_penalty", "-2 to 2", frequency);
      require(Math.abs(presence) <= 2, "presence_penalty", "-2 to 2", presence);
    }

    // Here, because GREEDY needs NONE: the outer class is initialised after this one.
    private static void require(boolean claim, String name, String expected, double actual) {
      if (!claim) {
        throw new InvalidInputException(
            "%s must be %s but is %s".formatted(name, expected, actual));
      }
    }
  }
}
