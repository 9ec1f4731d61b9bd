package io.lockstep.runtime.sampling;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the tokens of one sequence. What it chooses depends on its settings, the tokens so far
 * and the logits alone: its chance is a function of the seed and of how many tokens it has chosen,
 * not of other sequences. A choice allocates nothing of the vocabulary's size.
 */
public final class Sampler {

  /** Less probable tokens, relative to the best, cannot be drawn with 53 bits of chance. */
  private static final double NEGLIGIBLE = -40; // exp(-40) is about 2^-58

  private static final double TO_UNIT = 0x1p-53;

  private final SamplingSettings settings;
  private final int vocabulary;
  private final BitSet ends;
  private final SamplingBuffers buffers;
  private final TokenCounts counts;
  private final int[] biasIds; // [biases]
  private final float[] biases; // [biases]
  private long chosen;

  /**
   * A sampler.
   *
   * @param ends tokens that end the text
   * @param buffers shared with the other sequences of the thread
   */
  public Sampler(SamplingSettings settings, BitSet ends, SamplingBuffers buffers) {
    this.settings = settings;
    this.vocabulary = buffers.scores.length;
    this.ends = ends;
    this.buffers = buffers;
    this.counts = new TokenCounts(settings.penalties());
    this.biasIds = new int[settings.logitBias().size()];
    this.biases = new float[biasIds.length];
    int next = 0;
    for (Map.Entry<Integer, Float> bias : settings.logitBias().entrySet()) {
      biasIds[next] = bias.getKey();
      biases[next++] = bias.getValue();
    }
  }

  /** A token of the prompt, which repetition penalties count. */
  public void prompt(int id) {
    counts.prompt(id);
  }

  /**
   * Chooses a token and counts it as generated.
   *
   * @param logits float [vocabulary] from element {@code at} on; NaN counts as impossible
   * @param allowed the tokens that may be chosen besides ends, or null for all
   * @param mayEnd whether a token that ends the text may be chosen
   * @return the token, or -1 when none is possible
   */
  public int choose(MemorySegment logits, long at, @Nullable BitSet allowed, boolean mayEnd) {
    read(logits, at, allowed, mayEnd);
    int best = best();
    if (buffers.scores[best] == Float.NEGATIVE_INFINITY) {
      return -1;
    }
    int id = settings.temperature() == 0 ? best : draw(best);
    counts.generated(id);
    chosen++;
    return id;
  }

  private void read(MemorySegment logits, long at, @Nullable BitSet allowed, boolean mayEnd) {
    float[] scores = buffers.scores;
    MemorySegment.copy(logits, ValueLayout.JAVA_FLOAT, at * Float.BYTES, scores, 0, vocabulary);
    for (int id = 0; id < vocabulary; id++) {
      float score = scores[id];
      if (Float.isNaN(score)) {
        scores[id] = Float.NEGATIVE_INFINITY;
      } else if (score == Float.POSITIVE_INFINITY) {
        scores[id] = Float.MAX_VALUE; // differences of infinities are none
      }
    }
    for (int i = 0; i < biasIds.length; i++) {
      if (biasIds[i] < vocabulary) {
        scores[biasIds[i]] += biases[i];
      }
    }
    counts.apply(scores);
    if (allowed != null) {
      for (int id = 0; id < vocabulary; id++) {
        if (!allowed.get(id) && !(mayEnd && ends.get(id))) {
          scores[id] = Float.NEGATIVE_INFINITY;
        }
      }
    }
    if (!mayEnd) {
      for (int id = ends.nextSetBit(0); id >= 0 && id < vocabulary; id = ends.nextSetBit(id + 1)) {
        scores[id] = Float.NEGATIVE_INFINITY;
      }
    }
  }

  /** The highest score; of equal ones, that of the lowest id. */
  private int best() {
    float[] scores = buffers.scores;
    int best = 0;
    for (int id = 1; id < vocabulary; id++) {
      if (scores[id] > scores[best]) {
        best = id;
      }
    }
    return best;
  }

  private int draw(int best) {
    float[] scores = buffers.scores;
    int[] ids = buffers.ids;
    double[] weights = buffers.weights;
    double lowest = Math.max(NEGLIGIBLE, Math.log(settings.minP()));
    int count = 0;
    double total = 0;
    for (int id = 0; id < vocabulary; id++) {
      double exponent = ((double) scores[id] - scores[best]) / settings.temperature();
      if (exponent >= lowest) {
        double weight = Math.exp(exponent);
        ids[count++] = id;
        weights[id] = weight;
        total += weight;
      }
    }
    int from = 0;
    if ((settings.topK() > 0 && settings.topK() < count) || settings.topP() < 1) {
      from = keepMostProbable(count, total);
    }
    if (settings.typicalP() < 1) {
      from = keepTypical(from, count);
    }
    return pick(from, count);
  }

  /** Keeps the most probable candidates; they stand in ids[result, count) afterwards. */
  private int keepMostProbable(int count, double total) {
    int most = settings.topK() > 0 ? Math.min(settings.topK(), count) : count;
    double share = settings.topP() * (most < count ? massOfMost(most, count) : total);
    CandidateHeap heap = new CandidateHeap(buffers.ids, count, buffers.weights);
    double mass = 0;
    while (heap.left() > count - most && mass < share) {
      mass += buffers.weights[heap.peek()];
      heap.take();
    }
    return heap.left();
  }

  /** What the {@code most} best candidates weigh together. */
  private double massOfMost(int most, int count) {
    CandidateHeap heap = new CandidateHeap(buffers.ids, count, buffers.weights);
    double mass = 0;
    for (int i = 0; i < most; i++) {
      mass += buffers.weights[heap.peek()];
      heap.take();
    }
    return mass;
  }

  /** Of ids[from, count), keeps those whose surprise is nearest the expected one. */
  private int keepTypical(int from, int count) {
    int[] ids = buffers.ids;
    double[] weights = buffers.weights;
    int size = count - from;
    System.arraycopy(ids, from, ids, 0, size);
    double total = mass(0, size);
    double entropy = 0;
    for (int i = 0; i < size; i++) {
      double share = weights[ids[i]] / total;
      entropy -= share > 0 ? share * Math.log(share) : 0;
    }
    for (int i = 0; i < size; i++) {
      double surprise = -Math.log(weights[ids[i]] / total);
      buffers.keys[ids[i]] = -Math.abs(surprise - entropy);
    }
    CandidateHeap heap = new CandidateHeap(ids, size, buffers.keys);
    double mass = 0;
    while (heap.left() > 0 && mass < settings.typicalP() * total) {
      mass += weights[heap.peek()];
      heap.take();
    }
    int kept = size - heap.left();
    System.arraycopy(ids, heap.left(), ids, count - kept, kept);
    return count - kept;
  }

  private double mass(int from, int to) {
    double mass = 0;
    for (int i = from; i < to; i++) {
      mass += buffers.weights[buffers.ids[i]];
    }
    return mass;
  }

  /** Draws one of ids[from, to) by weight. */
  private int pick(int from, int to) {
    double left = unit() * mass(from, to);
    for (int i = from; i < to - 1; i++) {
      left -= buffers.weights[buffers.ids[i]];
      if (left < 0) {
        return buffers.ids[i];
      }
    }
    return buffers.ids[to - 1];
  }

  /** Uniform in [0, 1): SplitMix64's output function (Steele et al., 2014) at a counter. */
  private double unit() {
    long z = settings.seed() * 0xD1342543DE82EF95L + (chosen + 1) * 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    z ^= z >>> 31;
    return (z >>> 11) * TO_UNIT;
  }
}
