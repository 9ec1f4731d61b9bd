package io.lockstep.loadtest.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.loadtest.search.KneeSearch.Limits;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.function.DoublePredicate;
import org.junit.jupiter.api.Test;

class KneeSearchTest {

  private static final Limits ONCE = new Limits(0.5, 4096, 0.1, 1);
  private static final Limits TWICE = new Limits(0.5, 4096, 0.1, 2);

  @Test
  void doublesUntilARateIsTooHighAndBisectsFromThere() {
    KneeSearch search = new KneeSearch(10, ONCE);

    assertEquals(
        List.of(10.0, 20.0, 40.0, 80.0, 60.0, 50.0, 45.0, 47.5), rates(search, rate -> rate <= 47));
    assertEquals(OptionalDouble.of(45), search.knee());
    assertTrue(search.isBounded());
  }

  @Test
  void halvesWhenTheFirstRateIsTooHigh() {
    KneeSearch search = new KneeSearch(64, ONCE);

    assertEquals(List.of(64.0, 32.0, 16.0, 24.0, 20.0, 18.0, 17.0), rates(search, r -> r <= 16));
    assertEquals(OptionalDouble.of(16), search.knee());
  }

  @Test
  void measuresAnotherTimeBeforeItCallsARateTooHigh() {
    KneeSearch search = new KneeSearch(100, TWICE);
    search.measured(false); // someone else was busy
    assertEquals(OptionalDouble.of(100), search.next());
    search.measured(true);
    assertEquals(OptionalDouble.of(200), search.next());
    search.measured(false);
    search.measured(false);
    assertEquals(OptionalDouble.of(150), search.next());
  }

  @Test
  void oneFailureOfARateIsNotCarriedToTheNext() {
    KneeSearch search = new KneeSearch(100, TWICE);
    search.measured(false);
    search.measured(true);
    search.measured(false);
    assertEquals(OptionalDouble.of(200), search.next());
  }

  @Test
  void givesUpBelowTheLeastRate() {
    KneeSearch search = new KneeSearch(3, ONCE);

    assertEquals(List.of(3.0, 1.5, 0.75, 0.5), rates(search, _ -> false));
    assertEquals(OptionalDouble.empty(), search.knee());
  }

  @Test
  void stopsAtTheHighestRateItMayTry() {
    KneeSearch search = new KneeSearch(3000, ONCE);

    assertEquals(List.of(3000.0, 4096.0), rates(search, _ -> true));
    assertEquals(OptionalDouble.of(4096), search.knee());
    assertFalse(search.isBounded());
    assertThrows(IllegalStateException.class, () -> search.measured(true));
  }

  @Test
  void comesWithinTheResolutionOfAnyKnee() {
    Random random = new Random(1);
    for (int i = 0; i < 1000; i++) {
      double knee = 0.5 * Math.pow(2, 12 * random.nextDouble());
      KneeSearch search = new KneeSearch(0.5 * Math.pow(2, 12 * random.nextDouble()), TWICE);

      int measured = rates(search, rate -> rate <= knee).size();

      double found = search.knee().orElseThrow();
      assertTrue(found <= knee && knee <= found * 1.1, knee + " was found as " + found);
      assertTrue(measured <= 40, () -> "measurements: " + measured);
    }
  }

  private static List<Double> rates(KneeSearch search, DoublePredicate isHeld) {
    List<Double> rates = new ArrayList<>();
    for (OptionalDouble next = search.next(); next.isPresent(); next = search.next()) {
      rates.add(next.getAsDouble());
      search.measured(isHeld.test(next.getAsDouble()));
    }
    return rates;
  }
}
