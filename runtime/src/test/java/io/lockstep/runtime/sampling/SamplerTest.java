package io.lockstep.runtime.sampling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.runtime.Seeds;
import io.lockstep.runtime.error.InvalidInputException;
import io.lockstep.runtime.sampling.SamplingSettings.Penalties;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class SamplerTest {

  private static final BitSet NO_ENDS = new BitSet();

  @Test
  void greedyTakesTheLowestOfEquallyProbableTokens() {
    assertEquals(1, greedy(0, 3, 2, 3));
    assertEquals(0, greedy(-5, -5));
  }

  @Test
  void notANumberIsNeverChosenAndInfinityIsTheMost() {
    assertEquals(2, greedy(Float.NaN, 1, 2, Float.NaN));
    assertEquals(3, greedy(0, 1, 2, Float.POSITIVE_INFINITY));
    SamplingSettings hot = settings(5, 0, 1, 0, 1);
    for (long seed = 0; seed < 50; seed++) {
      assertEquals(
          1,
          choose(
              hot.withSeed(seed), Float.NaN, Float.POSITIVE_INFINITY, 3, Float.NEGATIVE_INFINITY));
    }
  }

  @Test
  void saysWhenNoTokenIsPossible() {
    assertEquals(-1, greedy(Float.NaN, Float.NEGATIVE_INFINITY));
    assertEquals(-1, choose(settings(1, 0, 1, 0, 1), Float.NaN, Float.NaN));
  }

  @Test
  void drawsTokensAsOftenAsTheyAreProbable() {
    float[] logits = {0, 1, 2, 3};
    double[] expected = softmax(logits, 1.5);
    int[] drawn = draws(settings(1.5, 0, 1, 0, 1), 20_000, logits);
    for (int id = 0; id < 4; id++) {
      assertEquals(expected[id], drawn[id] / 20_000.0, 0.015, "token " + id);
    }
  }

  @Test
  void topKKeepsTheMostProbableTokensInTheirProportion() {
    int[] drawn = draws(settings(1, 2, 1, 0, 1), 10_000, 1, 4, 2, 3);
    double[] expected = softmax(new float[] {4, 3}, 1);
    assertArrayEquals(new int[] {0, 0}, new int[] {drawn[0], drawn[2]});
    assertEquals(expected[0], drawn[1] / 10_000.0, 0.02);
  }

  @Test
  void topPKeepsTheFewestTokensThatHaveTheShare() {
    // Shares 0.5, 0.3, 0.15, 0.05.
    float[] logits = logs(0.3, 0.5, 0.05, 0.15);
    int[] drawn = draws(settings(1, 0, 0.75, 0, 1), 4_000, logits);
    assertArrayEquals(new int[] {0, 0}, new int[] {drawn[2], drawn[3]});
    assertEquals(0.5 / 0.8, drawn[1] / 4_000.0, 0.03);
    // Of the two that top k leaves, the first alone has the share.
    assertEquals(4_000, draws(settings(1, 2, 0.6, 0, 1), 4_000, logits)[1]);
  }

  @Test
  void minPDropsWhatIsFarLessProbableThanTheBest() {
    int[] drawn = draws(settings(1, 0, 1, 0.5, 1), 2_000, logs(0.4, 0.3, 0.15, 0.15));
    assertArrayEquals(new int[] {0, 0}, new int[] {drawn[2], drawn[3]});
    assertTrue(drawn[1] > 0);
  }

  @Test
  void typicalPPrefersTheExpectedSurpriseToTheMostProbableToken() {
    // Entropy of 0.4 and six times 0.1 is about 1.75 nats: the surprise of 0.1 is 2.3, of 0.4 0.9.
    float[] logits = logs(0.4, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1);
    int[] drawn = draws(settings(1, 0, 1, 0, 0.25), 2_000, logits);
    assertEquals(0, drawn[0]);
    assertEquals(2_000, drawn[1] + drawn[2] + drawn[3]);
  }

  @Test
  void penaltiesLowerWhatHasOccurred() {
    SamplingSettings repetition = penalties(new Penalties(2, 0, 0));
    Sampler sampler = sampler(repetition, 3);
    sampler.prompt(0);
    assertEquals(1, choose(sampler, 4, 3, 1)); // 4 / 2, 3, 1
    assertEquals(0, choose(sampler, 4, 3, 1)); // 4 / 2, 3 / 2, 1
    Sampler negative = sampler(repetition, 3);
    negative.prompt(0);
    assertEquals(1, choose(negative, -1, -1.5f, -9)); // -1 * 2

    Sampler frequency = sampler(penalties(new Penalties(1, 1, 0)), 2);
    frequency.prompt(0); // does not count
    assertEquals(0, choose(frequency, 2.5f, 1));
    assertEquals(0, choose(frequency, 2.5f, 1)); // 1.5 against 1
    assertEquals(1, choose(frequency, 2.5f, 1)); // 0.5 against 1

    Sampler presence = sampler(penalties(new Penalties(1, 0, 1)), 2);
    assertEquals(0, choose(presence, 2.5f, 1));
    assertEquals(0, choose(presence, 2.5f, 1));
    assertEquals(0, choose(presence, 2.5f, 1)); // once, however often it came
  }

  @Test
  void manyOccurrencesAreCounted() {
    int tokens = 1000;
    Sampler sampler = sampler(penalties(new Penalties(1, 0, 1)), tokens);
    BitSet seen = new BitSet();
    for (int i = 0; i < tokens; i++) {
      seen.set(sampler.choose(MemorySegment.ofArray(new float[tokens]), 0, null, true));
    }
    assertEquals(tokens, seen.cardinality());
  }

  @Test
  void biasForcesOrBansTokens() {
    SamplingSettings biased =
        new SamplingSettings(0, 0, 1, 0, 1, Penalties.NONE, Map.of(0, -100f, 1, 100f, 99, 1f), 0);
    assertEquals(1, choose(biased, 9, 0, 8));
  }

  @Test
  void masksAndEndsAreKept() {
    BitSet ends = new BitSet();
    ends.set(3);
    BitSet allowed = new BitSet();
    allowed.set(1);
    Sampler sampler = new Sampler(SamplingSettings.GREEDY, ends, new SamplingBuffers(4));
    MemorySegment logits = MemorySegment.ofArray(new float[] {5, 1, 4, 9});
    assertEquals(3, sampler.choose(logits, 0, allowed, true));
    assertEquals(1, sampler.choose(logits, 0, allowed, false));
    assertEquals(0, sampler.choose(logits, 0, null, false));
    assertEquals(-1, sampler.choose(logits, 0, new BitSet(), false));
  }

  @Test
  void neighboursOnTheSameBuffersChangeNothing() {
    Seeds.forAll(
        20,
        random -> {
          SamplingSettings settings =
              new SamplingSettings(
                  0.9,
                  20,
                  0.9,
                  0.01,
                  0.95,
                  new Penalties(1.1, 0.2, 0.1),
                  Map.of(),
                  random.nextInt());
          SamplingBuffers shared = new SamplingBuffers(50);
          Sampler one = new Sampler(settings, NO_ENDS, shared);
          Sampler other = new Sampler(settings.withSeed(1), NO_ENDS, shared);
          Sampler alone = sampler(settings, 50);
          for (int i = 0; i < 30; i++) {
            float[] logits = logits(random, 50);
            MemorySegment batch = MemorySegment.ofArray(concat(logits(random, 50), logits));
            other.choose(batch, 0, null, true);
            assertEquals(choose(alone, logits), one.choose(batch, 50, null, true));
          }
        });
  }

  @Test
  void seedsDifferInWhatTheyChoose() {
    int[] drawn = new int[8];
    for (long seed = 0; seed < 4_000; seed++) {
      drawn[choose(settings(1, 0, 1, 0, 1).withSeed(seed), new float[8])]++;
    }
    for (int count : drawn) {
      assertEquals(500, count, 100);
    }
  }

  @Test
  void refusesSettingsOutOfRange() {
    assertThrows(InvalidInputException.class, () -> settings(-1, 0, 1, 0, 1));
    assertThrows(InvalidInputException.class, () -> settings(Double.NaN, 0, 1, 0, 1));
    assertThrows(InvalidInputException.class, () -> settings(1, -1, 1, 0, 1));
    assertThrows(InvalidInputException.class, () -> settings(1, 0, 0, 0, 1));
    assertThrows(InvalidInputException.class, () -> new Penalties(0, 0, 0));
  }

  @Test
  void logprobsAreThoseOfTheModel() {
    float[] logits = logs(0.5, 0.25, 0.25, 0);
    logits[3] = Float.NaN;
    TokenLogprobs told = TokenLogprobs.of(MemorySegment.ofArray(logits), 0, 4, 2, 2);
    assertEquals(Math.log(0.25), told.chosen().logprob(), 1e-6);
    assertEquals(2, told.chosen().id());
    assertEquals(0, told.top().get(0).id());
    assertEquals(Math.log(0.5), told.top().get(0).logprob(), 1e-6);
    assertEquals(1, told.top().get(1).id());
    assertEquals(
        Double.NEGATIVE_INFINITY,
        TokenLogprobs.of(MemorySegment.ofArray(logits), 0, 4, 3, 0).chosen().logprob());
  }

  private static SamplingSettings settings(
      double temperature, int topK, double topP, double minP, double typicalP) {
    return new SamplingSettings(
        temperature, topK, topP, minP, typicalP, Penalties.NONE, Map.of(), 7);
  }

  private static SamplingSettings penalties(Penalties penalties) {
    return new SamplingSettings(0, 0, 1, 0, 1, penalties, Map.of(), 0);
  }

  private static Sampler sampler(SamplingSettings settings, int vocabulary) {
    return new Sampler(settings, NO_ENDS, new SamplingBuffers(vocabulary));
  }

  private static int greedy(float... logits) {
    return choose(SamplingSettings.GREEDY, logits);
  }

  private static int choose(SamplingSettings settings, float... logits) {
    return choose(sampler(settings, logits.length), logits);
  }

  private static int choose(Sampler sampler, float... logits) {
    return sampler.choose(MemorySegment.ofArray(logits), 0, null, true);
  }

  private static int[] draws(SamplingSettings settings, int count, float... logits) {
    int[] drawn = new int[logits.length];
    Sampler sampler = sampler(settings, logits.length);
    for (int i = 0; i < count; i++) {
      drawn[choose(sampler, logits)]++;
    }
    return drawn;
  }

  private static float[] logs(double... shares) {
    float[] logits = new float[shares.length];
    for (int i = 0; i < shares.length; i++) {
      logits[i] = (float) Math.log(shares[i]);
    }
    return logits;
  }

  private static double[] softmax(float[] logits, double temperature) {
    double[] shares = new double[logits.length];
    double sum = 0;
    for (int i = 0; i < logits.length; i++) {
      shares[i] = Math.exp(logits[i] / temperature);
      sum += shares[i];
    }
    for (int i = 0; i < logits.length; i++) {
      shares[i] /= sum;
    }
    return shares;
  }

  private static float[] logits(Random random, int count) {
    float[] logits = new float[count];
    for (int i = 0; i < count; i++) {
      logits[i] = (float) (3 * random.nextGaussian());
    }
    return logits;
  }

  private static float[] concat(float[] a, float[] b) {
    float[] both = new float[a.length + b.length];
    System.arraycopy(a, 0, both, 0, a.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }
}
