package io.lockstep.server.serving;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lockstep.server.fakes.FakeTicker;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class PhaseClockTest {

  private final FakeTicker ticker = new FakeTicker();

  @Test
  void marksSayWhatTheTimeSinceTheLastOneWasSpentOn() {
    PhaseClock clock = PhaseClock.start(ticker);
    ticker.advance(Duration.ofNanos(120_000));
    clock.mark(Phase.PARSE);
    ticker.advance(Duration.ofNanos(3_400_000));
    clock.mark(Phase.INFER);
    ticker.advance(Duration.ofNanos(600_000));
    clock.mark(Phase.INFER);
    assertEquals(4_000_000, clock.nanos(Phase.INFER));
    assertEquals(4_120_000, clock.totalNanos());
    assertEquals("parse;dur=0.120, infer;dur=4.000, total;dur=4.120", clock.serverTiming());
  }

  @Test
  void aPartOfAPhaseCanBeTheTimeOfAnother() {
    PhaseClock clock = PhaseClock.start(ticker);
    ticker.advance(Duration.ofMillis(5));
    clock.mark(Phase.INFER);
    clock.move(Phase.INFER, Phase.SAMPLE, Duration.ofMillis(2).toNanos());
    assertEquals("infer;dur=3.000, sample;dur=2.000, total;dur=5.000", clock.serverTiming());
    clock.move(Phase.INFER, Phase.SAMPLE, Duration.ofMillis(9).toNanos());
    assertEquals("sample;dur=5.000, total;dur=5.000", clock.serverTiming());
  }

  @Test
  void partsKeepTheArrivalAndTheSlowestIsTakenOver() {
    PhaseClock clock = PhaseClock.start(ticker);
    ticker.advance(Duration.ofMillis(1));
    clock.mark(Phase.TOKENIZE);
    PhaseClock part = clock.fork();
    ticker.advance(Duration.ofMillis(2));
    part.mark(Phase.QUEUE);
    assertEquals(clock.startNanos(), part.startNanos());
    assertEquals(0, part.nanos(Phase.TOKENIZE));
    clock.join(part);
    ticker.advance(Duration.ofMillis(3));
    clock.mark(Phase.WRITE);
    assertEquals(
        "tokenize;dur=1.000, queue;dur=2.000, write;dur=3.000, total;dur=6.000",
        clock.serverTiming());
  }

  @Test
  void batchesExplainThemselves() {
    assertEquals(
        "batch;desc=\"8 rows of 5 requests, padded to 32, full\"",
        new BatchInfo(8, 5, 32, CloseReason.FULL).serverTiming());
    assertEquals(
        "batch;desc=\"1 rows of 1 requests, idle\"",
        new BatchInfo(1, 1, 0, CloseReason.IDLE).serverTiming());
  }

  @Test
  void deadlinesDoNotOverflow() {
    Deadline forever = Deadline.after(Duration.ofSeconds(Long.MAX_VALUE), Long.MAX_VALUE - 5);
    assertEquals(false, forever.hasPassed(Long.MAX_VALUE - 4));
    assertEquals(Deadline.NONE, Deadline.after(Duration.ZERO, 5));
    Deadline soon = new Deadline(10, true);
    assertEquals(soon, soon.orEarlier(new Deadline(20, true)));
    assertEquals(soon, Deadline.NONE.orEarlier(soon));
    assertEquals(0, soon.remainingNanos(11));
    assertEquals(Long.MAX_VALUE, Deadline.NONE.remainingNanos(11));
  }
}
