package io.lockstep.runtime.sampling;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * How probable a token was to the model, before settings changed anything.
 *
 * @param chosen the token
 * @param top the most probable tokens, in that order
 */
public record TokenLogprobs(Entry chosen, List<Entry> top) {

  public TokenLogprobs {
    top = List.copyOf(top);
  }

  /** A token and the natural logarithm of its probability; -infinity when it is impossible. */
  public record Entry(int id, double logprob) {}

  /**
   * Looks a token up.
   *
   * @param logits float [vocabulary] from element {@code at} on
   * @param most how many of the most probable tokens are wanted
   */
  public static TokenLogprobs of(
      MemorySegment logits, long at, int vocabulary, int chosen, int most) {
    int[] best = new int[Math.min(most, vocabulary)];
    int found = 0;
    float highest = Float.NEGATIVE_INFINITY;
    for (int id = 0; id < vocabulary; id++) {
      float logit = logit(logits, at, id);
      highest = Math.max(highest, logit);
      if (best.length == 0
          || (found == best.length && logit <= logit(logits, at, best[found - 1]))) {
        continue;
      }
      int place = found == best.length ? found - 1 : found++;
      while (place > 0 && logit > logit(logits, at, best[place - 1])) {
        best[place] = best[--place];
      }
      best[place] = id;
    }
    double sum = 0;
    for (int id = 0; id < vocabulary; id++) {
      sum += Math.exp((double) logit(logits, at, id) - highest);
    }
    double norm = highest + Math.log(sum);
    List<Entry> top = new ArrayList<>(found);
    for (int i = 0; i < found; i++) {
      top.add(new Entry(best[i], logit(logits, at, best[i]) - norm));
    }
    return new TokenLogprobs(new Entry(chosen, logit(logits, at, chosen) - norm), top);
  }

  private static float logit(MemorySegment logits, long at, int id) {
    float logit = logits.getAtIndex(ValueLayout.JAVA_FLOAT, at + id);
    return Float.isNaN(logit) ? Float.NEGATIVE_INFINITY : Math.min(logit, Float.MAX_VALUE);
  }
}
