package io.lockstep.server.batching;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.server.fakes.FakeTicker;
import io.lockstep.server.serving.CloseReason;
import io.lockstep.server.serving.Deadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class BatchFormerTest {

  private static final Duration DELAY = Duration.ofMillis(5);

  private final FakeTicker ticker = new FakeTicker();
  private final List<Work> dropped = new ArrayList<>();

  /** Work of four rows at most to a batch. */
  private static final class Work implements Queued {
    private final String name;
    private final int rows;
    private final int priority;
    private final String key;
    private final long arrival;
    private final Deadline deadline;
    private boolean cancelled;

    Work(String name, int rows, int priority, String key, long arrival, Deadline deadline) {
      this.name = name;
      this.rows = rows;
      this.priority = priority;
      this.key = key;
      this.arrival = arrival;
      this.deadline = deadline;
    }

    @Override
    public int rows() {
      return rows;
    }

    @Override
    public int maxBatchRows() {
      return 4;
    }

    @Override
    public int priority() {
      return priority;
    }

    @Override
    public long arrivalNanos() {
      return arrival;
    }

    @Override
    public Deadline deadline() {
      return deadline;
    }

    @Override
    public boolean isCancelled() {
      return cancelled;
    }

    @Override
    public Object key() {
      return key;
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private BatchFormer<Work> former(Duration delay) {
    return new BatchFormer<>(new BatchPolicy(delay, 64, Duration.ofSeconds(1)), dropped::add);
  }

  private Work work(String name, int rows) {
    return work(name, rows, "k");
  }

  private Work work(String name, int rows, String key) {
    return new Work(name, rows, 100, key, ticker.nanos(), Deadline.NONE);
  }

  private Batch<Work> poll(BatchFormer<Work> former) {
    return former.poll(ticker.nanos(), false);
  }

  private void pollsInto(BatchFormer<Work> former, CloseReason reason, String members) {
    Batch<Work> batch = poll(former);
    assertNotNull(batch);
    assertEquals(members, batch.members().toString());
    assertEquals(reason, batch.reason());
    assertEquals(batch.members().stream().mapToInt(Work::rows).sum(), batch.rows());
  }

  @Test
  void withoutDelayWhatIsThereGoesAtOnce() {
    BatchFormer<Work> former = former(Duration.ZERO);
    assertNull(poll(former));
    assertEquals(Long.MAX_VALUE, former.nanosUntilDue(ticker.nanos()));
    former.add(work("a", 1));
    assertEquals(0, former.nanosUntilDue(ticker.nanos()));
    pollsInto(former, CloseReason.IDLE, "[a]");
    assertTrue(former.closesAtOnce());
    assertFalse(former(Duration.ofMillis(5)).closesAtOnce());
  }

  @Test
  void collectsWhatGatheredWhileTheInstanceWasBusy() {
    BatchFormer<Work> former = former(Duration.ZERO);
    for (String name : List.of("a", "b", "c", "d", "e")) {
      former.add(work(name, 1));
    }
    pollsInto(former, CloseReason.FULL, "[a, b, c, d]");
    pollsInto(former, CloseReason.IDLE, "[e]");
    assertTrue(former.isEmpty());
  }

  @Test
  void countsRowsNotRequests() {
    BatchFormer<Work> former = former(Duration.ZERO);
    former.add(work("a", 3));
    former.add(work("b", 2));
    former.add(work("c", 1));
    pollsInto(former, CloseReason.FULL, "[a, c]");
    pollsInto(former, CloseReason.IDLE, "[b]");
  }

  @Test
  void delayCountsFromArrival() {
    BatchFormer<Work> former = former(DELAY);
    Work early = work("a", 1);
    ticker.advance(Duration.ofMillis(4));
    former.add(early);
    assertNull(poll(former));
    assertEquals(1_000_000, former.nanosUntilDue(ticker.nanos()));
    ticker.advance(Duration.ofMillis(1));
    pollsInto(former, CloseReason.DELAY, "[a]");
  }

  @Test
  void fullBatchDoesNotWait() {
    BatchFormer<Work> former = former(DELAY);
    former.add(work("a", 2));
    assertNull(poll(former));
    former.add(work("b", 2));
    pollsInto(former, CloseReason.FULL, "[a, b]");
  }

  @Test
  void fullBatchOfAnotherKeyOvertakesAWaitingOne() {
    BatchFormer<Work> former = former(DELAY);
    former.add(work("odd", 1, "other"));
    former.add(work("a", 2));
    former.add(work("b", 2));
    pollsInto(former, CloseReason.FULL, "[a, b]");
    assertNull(poll(former));
    ticker.advance(DELAY);
    pollsInto(former, CloseReason.DELAY, "[odd]");
  }

  @Test
  void onlyEqualKeysShareABatchAndTheOldestGoesFirst() {
    BatchFormer<Work> former = former(Duration.ZERO);
    former.add(work("a", 1, "x"));
    former.add(work("b", 1, "y"));
    former.add(work("c", 1, "x"));
    pollsInto(former, CloseReason.IDLE, "[a, c]");
    pollsInto(former, CloseReason.IDLE, "[b]");
  }

  @Test
  void closesEarlyRatherThanMissADeadline() {
    BatchFormer<Work> former = former(DELAY);
    former.expectRun(Duration.ofMillis(1).toNanos());
    long now = ticker.nanos();
    former.add(new Work("a", 1, 100, "k", now, Deadline.after(Duration.ofMillis(3), now)));
    assertNull(poll(former));
    assertEquals(2_000_000, former.nanosUntilDue(ticker.nanos()));
    ticker.advance(Duration.ofMillis(2));
    pollsInto(former, CloseReason.DEADLINE, "[a]");
  }

  @Test
  void expiredAndCancelledLeaveBeforeTheyCostAnything() {
    BatchFormer<Work> former = former(Duration.ZERO);
    long now = ticker.nanos();
    Work expired = new Work("a", 1, 100, "k", now, Deadline.after(Duration.ofMillis(1), now));
    Work cancelled = work("b", 1);
    former.add(expired);
    former.add(cancelled);
    former.add(work("c", 1));
    cancelled.cancelled = true;
    ticker.advance(Duration.ofMillis(1));
    pollsInto(former, CloseReason.IDLE, "[c]");
    assertEquals(List.of(expired, cancelled), dropped);
  }

  @Test
  void lowerNumbersGoFirstAndLevelsKeepTheirOrder() {
    BatchFormer<Work> former = former(Duration.ZERO);
    former.add(work("a", 4));
    former.add(work("b", 4));
    former.add(new Work("urgent", 4, 1, "k", ticker.nanos(), Deadline.NONE));
    pollsInto(former, CloseReason.FULL, "[urgent]");
    pollsInto(former, CloseReason.FULL, "[a]");
    pollsInto(former, CloseReason.FULL, "[b]");
  }

  @Test
  void nothingIsOvertakenForMoreThanASecond() {
    BatchFormer<Work> former = former(Duration.ZERO);
    former.add(new Work("patient", 4, 200, "k", ticker.nanos(), Deadline.NONE));
    ticker.advance(Duration.ofMillis(1001));
    former.add(new Work("urgent", 4, 1, "k", ticker.nanos(), Deadline.NONE));
    pollsInto(former, CloseReason.FULL, "[patient]");
    pollsInto(former, CloseReason.FULL, "[urgent]");
  }

  @Test
  void drainingWaitsForNothing() {
    BatchFormer<Work> former = former(DELAY);
    former.add(work("a", 1));
    Batch<Work> batch = former.poll(ticker.nanos(), true);
    assertNotNull(batch);
    assertEquals(CloseReason.DRAIN, batch.reason());
  }

  @Test
  void workThatIsDueBehindAnAnchorThatIsNotStillRuns() {
    BatchFormer<Work> former =
        new BatchFormer<>(new BatchPolicy(DELAY, 1, Duration.ofSeconds(1)), dropped::add);
    former.add(work("old", 1, "x"));
    ticker.advance(DELAY);
    for (int i = 0; i < 3; i++) {
      former.add(new Work("u" + i, 1, 1, "y" + i, ticker.nanos(), Deadline.NONE));
    }
    assertEquals(0, former.nanosUntilDue(ticker.nanos()));
    pollsInto(former, CloseReason.DELAY, "[old]");
  }
}
