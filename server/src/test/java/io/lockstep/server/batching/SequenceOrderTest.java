package io.lockstep.server.batching;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.server.fakes.FakeTicker;
import io.lockstep.server.serving.Deadline;
import io.lockstep.server.serving.ErrorCode;
import io.lockstep.server.serving.SequenceControl;
import io.lockstep.server.serving.SequenceId;
import io.lockstep.server.serving.ServingException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class SequenceOrderTest {

  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private final FakeTicker ticker = new FakeTicker();
  private final List<String> events = new ArrayList<>();
  private final List<ServingException> refusals = new ArrayList<>();
  private final Set<SequenceId> live = new HashSet<>();
  private final SequenceOrder<Work> order = new SequenceOrder<>(TIMEOUT, new Room(), new Events());

  /** Room for two sequences. */
  private final class Room implements SequenceRoom {

    @Override
    public boolean tryAdd(SequenceId id) {
      return live.size() < 2 && live.add(id);
    }

    @Override
    public void remove(SequenceId id) {
      live.remove(id);
    }

    @Override
    public int max() {
      return 2;
    }

    @Override
    public void bytesChanged(long change) {}
  }

  private final class Events implements SequenceOrder.Listener<Work> {

    @Override
    public void ready(Work step) {
      events.add("run " + step.name);
    }

    @Override
    public void refused(Work step, ServingException problem, boolean isLimit) {
      events.add("refuse " + step.name);
      refusals.add(problem);
      assertEquals(isLimit, problem.code() == ErrorCode.OVERLOADED);
    }

    @Override
    public void departed(Work step) {
      events.add("leave " + step.name);
    }

    @Override
    public void started(SequenceId id) {
      events.add("start " + id);
    }

    @Override
    public void ended(SequenceId id, SequenceOrder.End why) {
      events.add(why + " " + id);
    }
  }

  private static final class Work implements SequenceOrder.Step {
    private final String name;
    private final SequenceControl sequence;
    private final Deadline deadline;
    private boolean cancelled;

    /** A name such as {@code 7+a}, {@code 7b}, {@code 7c-}: starts, goes on, ends. */
    Work(String name, Deadline deadline) {
      this.name = name;
      this.sequence =
          new SequenceControl(
              SequenceId.of(Long.parseLong(name.substring(0, 1))),
              name.contains("+"),
              name.contains("-"));
      this.deadline = deadline;
    }

    @Override
    public SequenceControl sequence() {
      return sequence;
    }

    @Override
    public int rows() {
      return 1;
    }

    @Override
    public int maxBatchRows() {
      return 4;
    }

    @Override
    public int priority() {
      return 100;
    }

    @Override
    public long arrivalNanos() {
      return 0;
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
      return "";
    }
  }

  private Work add(String name) {
    return add(name, Deadline.NONE);
  }

  private Work add(String name, Deadline deadline) {
    Work work = new Work(name, deadline);
    order.add(work, ticker.nanos());
    return work;
  }

  private void done(Work step, boolean happened) {
    order.done(step, happened, ticker.nanos());
  }

  private void expect(String... expected) {
    assertEquals(List.of(expected), events);
    events.clear();
  }

  @Test
  void stepsOfASequenceRunOneAtATimeInTheOrderOfArrival() {
    Work a = add("7+a");
    Work b = add("7b");
    Work c = add("7c-");
    expect("run 7+a");
    assertEquals(2, order.parked());
    done(a, true);
    expect("start 7", "run 7b");
    done(b, true);
    expect("run 7c-");
    done(c, true);
    expect("ENDED 7");
    assertTrue(live.isEmpty());
  }

  @Test
  void sequencesDoNotWaitForEachOther() {
    add("7+a");
    add("7b");
    add("8+a");
    expect("run 7+a", "run 8+a");
  }

  @Test
  void stepsOfUnknownSequencesAreRefused() {
    add("7a");
    expect("refuse 7a");
    assertEquals(ErrorCode.INVALID_ARGUMENT, refusals.getFirst().code());
    assertEquals(
        "sequence 7 is not known: it was never started, has ended, or was silent for 60 s; "
            + "begin it with sequence_start",
        refusals.getFirst().getMessage());
  }

  @Test
  void stepBehindTheEndIsRefusedOnceTheEndIsAnswered() {
    Work a = add("7+a-");
    add("7b");
    Work c = add("7+c");
    done(a, true);
    expect("run 7+a-", "start 7", "ENDED 7", "refuse 7b", "run 7+c");
    done(c, true);
    expect("start 7");
  }

  @Test
  void endThatFailsLeavesTheSequence() {
    done(add("7+a"), true);
    done(add("7b-"), false);
    done(add("7c"), true);
    expect("run 7+a", "start 7", "run 7b-", "run 7c");
  }

  @Test
  void startThatFailsLeavesNothing() {
    Work a = add("7+a");
    add("7b");
    done(a, false);
    expect("run 7+a", "NOT_STARTED 7", "refuse 7b");
    assertTrue(live.isEmpty());
    assertEquals(Long.MAX_VALUE, order.nanosUntilDue(ticker.nanos()));
  }

  @Test
  void restartThatFailsLeavesTheSequenceAsItWas() {
    done(add("7+a"), true);
    done(add("7+b"), false);
    add("7c");
    expect("run 7+a", "start 7", "run 7+b", "run 7c");
  }

  @Test
  void silentSequencesAreForgotten() {
    done(add("7+a"), true);
    ticker.advance(Duration.ofSeconds(20));
    done(add("8+a"), true);
    assertEquals(Duration.ofSeconds(40).toNanos(), order.nanosUntilDue(ticker.nanos()));
    ticker.advance(Duration.ofSeconds(40));
    events.clear();
    order.tick(ticker.nanos());
    expect("EXPIRED 7");
    add("7b");
    add("8b");
    expect("refuse 7b", "run 8b");
  }

  @Test
  void sequenceWithAStepOnItsWayIsNotSilent() {
    Work a = add("7+a");
    ticker.advance(TIMEOUT.multipliedBy(2));
    order.tick(ticker.nanos());
    done(a, true);
    ticker.advance(TIMEOUT.minusNanos(1));
    order.tick(ticker.nanos());
    add("7b");
    expect("run 7+a", "start 7", "run 7b");
  }

  @Test
  void waitingStepsLeaveWhenTheyAreCancelledOrExpire() {
    Work a = add("7+a");
    add("7b").cancelled = true;
    add("7c", Deadline.after(Duration.ofMillis(5), ticker.nanos()));
    add("7d");
    events.clear();
    order.tick(ticker.nanos());
    expect("leave 7b");
    ticker.advance(Duration.ofMillis(5));
    done(a, true);
    expect("start 7", "leave 7c", "run 7d");
    assertEquals(0, order.parked());
  }

  @Test
  void noMoreSequencesThanAllowed() {
    done(add("7+a"), true);
    add("8+a");
    add("9+a");
    expect("run 7+a", "start 7", "run 8+a", "refuse 9+a");
    ServingException refusal = refusals.getFirst();
    assertEquals(ErrorCode.OVERLOADED, refusal.code());
    assertEquals(60, refusal.retryAfterSeconds());
    Work end = add("7b-");
    done(end, true);
    add("9+b");
    expect("run 7b-", "ENDED 7", "run 9+b");
  }

  @Test
  void clearingEndsAllAndHandsOutWhatWaited() {
    add("7+a");
    Work b = add("7b");
    done(add("8+a"), true);
    events.clear();
    assertEquals(List.of(b), order.clear());
    assertEquals(Set.of("UNLOADED 7", "UNLOADED 8"), Set.copyOf(events));
    assertTrue(live.isEmpty());
  }
}
