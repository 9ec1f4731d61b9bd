package io.lockstep.loadtest.search;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Finds the settings with the highest knee: batch sizes upwards without a delay first, then delays
 * upwards at the best size. A ladder is left when some steps in a row were no better. Of settings
 * as good as equal the smaller ones win: they cost less memory and a lone request less time.
 */
public final class TuneSearch {

  /**
   * What is tried.
   *
   * @param sizes of batches, ascending
   * @param delays beside none, ascending
   * @param worth by which share of the best knee another must be higher to be better
   * @param patience steps in a row that may be no better
   */
  public record Ladders(List<Integer> sizes, List<Duration> delays, double worth, int patience) {

    public Ladders {
      sizes = List.copyOf(sizes);
      delays = List.copyOf(delays);
      if (sizes.isEmpty() || patience < 1 || worth < 0) {
        throw new IllegalArgumentException(
            "ladders: expected a size, worth >= 0 and patience >= 1, got sizes %s, %s and %d"
                .formatted(sizes, worth, patience));
      }
    }
  }

  private final Ladders ladders;
  private Optional<BatchSettings> best = Optional.empty();
  private double bestKnee; // requests a second
  private int sizesTried;
  private int delaysTried;
  private int disappointments; // in a row, on this ladder

  public TuneSearch(Ladders ladders) {
    this.ladders = ladders;
  }

  /** The settings to measure next; empty when the search is over. */
  public Optional<BatchSettings> next() {
    if (isOnSizes()) {
      return Optional.of(new BatchSettings(ladders.sizes().get(sizesTried), Duration.ZERO));
    }
    // A batch of one row waits for nobody.
    return best.filter(settings -> settings.maxBatchSize() > 1 && isOnDelays())
        .map(settings ->
            new BatchSettings(settings.maxBatchSize(), ladders.delays().get(delaysTried)));
  }

  private boolean isOnSizes() {
    return sizesTried < ladders.sizes().size() && disappointments < ladders.patience();
  }

  private boolean isOnDelays() {
    return delaysTried < ladders.delays().size() && disappointments < ladders.patience();
  }

  /** Takes the knee of {@link #next()} in requests a second; 0 when no rate held. */
  public void measured(double knee) {
    BatchSettings settings =
        next().orElseThrow(() -> new IllegalStateException("the search is over"));
    boolean wasOnSizes = isOnSizes();
    if (knee > bestKnee * (1 + ladders.worth())) {
      best = Optional.of(settings);
      bestKnee = knee;
      disappointments = 0;
    } else {
      disappointments++;
    }
    if (wasOnSizes) {
      sizesTried++;
      if (!isOnSizes()) {
        sizesTried = ladders.sizes().size();
        disappointments = 0;
      }
    } else {
      delaysTried++;
    }
  }

  /** The best settings so far; empty when none held any rate. */
  public Optional<BatchSettings> best() {
    return best;
  }
}
