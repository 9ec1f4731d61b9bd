package io.lockstep.loadtest.generator;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ArrivalsTest {

  private static final long SECOND = 1_000_000_000;

  @ParameterizedTest
  @EnumSource
  void keepsTheMeanRateInOrderAndInTime(Arrivals arrivals) {
    long[] times = arrivals.times(200, Duration.ofSeconds(50), 1);

    // Five standard deviations of a Poisson count of 10000.
    assertEquals(10_000, times.length, 500);
    assertTrue(IntStream.range(1, times.length).allMatch(i -> times[i - 1] <= times[i]));
    assertTrue(times[0] >= 0 && times[times.length - 1] < 50 * SECOND);
  }

  @Test
  void constantGapsAreAllTheSame() {
    assertArrayEquals(
        new long[] {SECOND / 8, 3 * SECOND / 8, 5 * SECOND / 8, 7 * SECOND / 8},
        Arrivals.CONSTANT.times(4, Duration.ofSeconds(1), 3));
  }

  @Test
  void gapsOfPoissonArrivalsVaryAsMuchAsTheyLast() {
    long[] times = Arrivals.POISSON.times(1000, Duration.ofSeconds(20), 5);
    double[] gaps =
        IntStream.range(1, times.length).mapToDouble(i -> times[i] - times[i - 1]).toArray();
    double mean = Arrays.stream(gaps).average().orElseThrow();
    double variance =
        Arrays.stream(gaps).map(gap -> (gap - mean) * (gap - mean)).average().orElseThrow();

    assertEquals(1, Math.sqrt(variance) / mean, 0.05);
  }

  @Test
  void burstsComeInTheFirstTenthOfASecond() {
    long[] times = Arrivals.BURSTY.times(100, Duration.ofSeconds(10), 2);

    assertTrue(Arrays.stream(times).allMatch(time -> time % SECOND < SECOND / 10));
  }

  @Test
  void theSameSeedArrivesAtTheSameTimes() {
    assertArrayEquals(
        Arrivals.POISSON.times(50, Duration.ofSeconds(2), 9),
        Arrivals.POISSON.times(50, Duration.ofSeconds(2), 9));
  }

  @Test
  void refusesARateOfNothing() {
    assertEquals(
        "rate: expected more than 0 per second, got 0.0",
        assertThrows(
                IllegalArgumentException.class,
                () -> Arrivals.CONSTANT.times(0, Duration.ofSeconds(1), 0))
            .getMessage());
  }
}
