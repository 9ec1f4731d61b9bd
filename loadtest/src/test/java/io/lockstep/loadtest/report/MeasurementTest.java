package io.lockstep.loadtest.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.loadtest.generator.Arrivals;
import io.lockstep.loadtest.generator.Load;
import io.lockstep.loadtest.generator.Sample;
import io.lockstep.loadtest.generator.Sample.Result;
import io.lockstep.loadtest.generator.StreamTimes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class MeasurementTest {

  private static final long MILLI = 1_000_000;
  private static final Load HUNDRED = new Load.Open(Arrivals.CONSTANT, 100);

  @Test
  void percentilesCountFromTheIntendedStart() {
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      long intended = 10L * i * MILLI;
      samples.add(sample(intended, intended + 2 * MILLI, intended + (i + 1) * MILLI));
    }
    Measurement measurement = Measurement.of("s", HUNDRED, 1, List.of(samples));

    assertEquals(new Percentiles(50, 90, 99, 100, 100), measurement.latency());
    assertEquals(2, measurement.lag().p99());
    assertEquals(Optional.of(100.0), measurement.offeredPerSecond());
  }

  @Test
  void onlyAnswersAreThroughput() {
    List<Sample> samples =
        List.of(
            sample(0, 0, MILLI),
            new Sample(0, 0, 700 * MILLI, Result.REJECTED, StreamTimes.NONE),
            new Sample(0, 0, 900 * MILLI, Result.FAILED, StreamTimes.NONE));
    Measurement measurement = Measurement.of("s", HUNDRED, 1, List.of(samples));

    assertEquals(1, measurement.answeredPerSecond());
    assertEquals(1, measurement.latency().max());
    assertEquals(1, measurement.rejected());
    assertEquals(1, measurement.failed());
    assertFalse(measurement.sustained());
  }

  @Test
  void answersThatComeLongAfterTheStageAreNoSustainedRate() {
    List<Sample> inTime = List.of(sample(0, 0, MILLI), sample(0, 0, 1040 * MILLI));
    List<Sample> late = List.of(sample(0, 0, MILLI), sample(0, 0, 1400 * MILLI));

    assertTrue(Measurement.of("s", HUNDRED, 1, List.of(inTime)).sustained());
    assertFalse(Measurement.of("s", HUNDRED, 1, List.of(late)).sustained());
  }

  @Test
  void roundsAddUp() {
    List<Sample> round = List.of(sample(0, 0, MILLI), sample(0, 0, MILLI));
    Measurement measurement =
        Measurement.of("s", new Load.Closed(2), 1, List.of(round, round, round));

    assertEquals(6, measurement.answered());
    assertEquals(3, measurement.seconds());
    assertEquals(Optional.of(2), measurement.clients());
    assertEquals(Optional.empty(), measurement.offeredPerSecond());
  }

  @Test
  void answersMayTakeTheirUsualTimeAfterTheLastArrival() {
    List<Sample> slow = List.of(sample(0, 0, 500 * MILLI), sample(900 * MILLI, 0, 1400 * MILLI));

    assertTrue(Measurement.of("s", HUNDRED, 1, List.of(slow)).sustained());
  }

  @Test
  void aStreamIsMeasuredByItsTokens() {
    Sample steady = stream(100, 200, 300, 400);
    Sample halting = stream(300, 400, 1300);
    StreamMeasurement streams =
        Measurement.of("s", HUNDRED, 1, List.of(List.of(steady, halting))).stream().orElseThrow();

    assertEquals(100, streams.firstToken().p50());
    assertEquals(300, streams.firstToken().p99());
    assertEquals(100, streams.interToken().p50());
    assertEquals(900, streams.interToken().p99());
    assertEquals(3.5, streams.tokensPerSecond());
    assertEquals(new SlowestShare(2, 2, 2), streams.streamTokensPerSecond());
  }

  private static Sample stream(long... tokenMillis) {
    StreamTimes times =
        new StreamTimes(LongStream.of(tokenMillis).map(ms -> ms * MILLI).boxed().toList());
    return new Sample(0, 0, 2000 * MILLI, Result.ANSWERED, times);
  }

  @Test
  void everySecondHasItsCountsAndPercentiles() {
    List<Sample> samples =
        List.of(
            sample(0, 0, 10 * MILLI),
            new Sample(0, 0, 20 * MILLI, Result.REJECTED, StreamTimes.NONE),
            sample(2000 * MILLI, 2000 * MILLI, 2030 * MILLI));
    List<TimelineSecond> timeline = Measurement.of("s", HUNDRED, 3, List.of(samples)).timeline();

    assertEquals(
        List.of(new TimelineSecond(0, 1, 1, 0, 10, 10), new TimelineSecond(2, 1, 0, 0, 30, 30)),
        timeline);
  }

  private static Sample sample(long intended, long sent, long done) {
    return new Sample(intended, sent, done, Result.ANSWERED, StreamTimes.NONE);
  }
}
