package io.lockstep.loadtest.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.lockstep.loadtest.search.TuneSearch.Ladders;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

class TuneSearchTest {

  private static final Ladders LADDERS =
      new Ladders(
          List.of(1, 2, 4, 8, 16, 32),
          List.of(Duration.ofMillis(2), Duration.ofMillis(5), Duration.ofMillis(10)),
          0.05,
          2);

  @Test
  void climbsSizesUntilTwoInARowAreNoBetterAndThenDelays() {
    TuneSearch search = new TuneSearch(LADDERS);

    List<String> tried =
        run(
            search,
            s -> Math.min(s.maxBatchSize(), 4) * 100 + (s.delayText().equals("2ms") ? 50 : 0));

    assertEquals(List.of("1 0", "2 0", "4 0", "8 0", "16 0", "4 2ms", "4 5ms", "4 10ms"), tried);
    assertEquals(Optional.of(settings(4, 2)), search.best());
  }

  @Test
  void ofSettingsAsGoodAsEqualTheSmallerWin() {
    TuneSearch search = new TuneSearch(LADDERS);

    run(search, s -> s.maxBatchSize() >= 2 ? 104 + s.maxBatchSize() / 32.0 : 100);

    assertEquals(Optional.of(settings(1, 0)), search.best());
  }

  @Test
  void aBatchOfOneRowWaitsForNobody() {
    TuneSearch search = new TuneSearch(LADDERS);

    assertEquals(List.of("1 0", "2 0", "4 0"), run(search, s -> 100.0 / s.maxBatchSize()));
  }

  @Test
  void oneDisappointmentDoesNotEndALadder() {
    TuneSearch search = new TuneSearch(LADDERS);

    run(search, s -> s.maxBatchSize() == 8 ? 1 : s.maxBatchSize());

    assertEquals(Optional.of(settings(32, 0)), search.best());
  }

  @Test
  void recommendsNothingWhenNothingHolds() {
    TuneSearch search = new TuneSearch(LADDERS);

    assertEquals(List.of("1 0", "2 0"), run(search, _ -> 0));
    assertEquals(Optional.empty(), search.best());
    assertThrows(IllegalStateException.class, () -> search.measured(1));
  }

  @Test
  void writesDelaysAsModelYamlHasThem() {
    assertEquals("0", settings(1, 0).delayText());
    assertEquals("5ms", settings(1, 5).delayText());
    assertEquals("2500us", new BatchSettings(1, Duration.ofNanos(2_500_000)).delayText());
  }

  private static BatchSettings settings(int size, int delayMillis) {
    return new BatchSettings(size, Duration.ofMillis(delayMillis));
  }

  private static List<String> run(TuneSearch search, ToDoubleFunction<BatchSettings> knee) {
    List<String> tried = new ArrayList<>();
    for (Optional<BatchSettings> next = search.next(); next.isPresent(); next = search.next()) {
      tried.add(next.get().maxBatchSize() + " " + next.get().delayText());
      search.measured(knee.applyAsDouble(next.get()));
    }
    return tried;
  }
}
