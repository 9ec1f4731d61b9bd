package io.lockstep.loadtest.generator;

import io.gatling.javaapi.core.Session;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** The requests of a stage while it runs: which is next, when it is due, what became of it. */
final class StageRun {

  /** From the first user to the first intended time, so that no user comes after its own. */
  static final Duration LEAD = Duration.ofMillis(200);

  static final String BODY = "body";
  static final String STATUS = "status";

  private static final String INTENDED = "intended";
  private static final String SENT = "sent";

  private final Stage stage;
  private final long[] times; // nanoseconds from the start, empty for closed loops
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicLong start =
      new AtomicLong(); // of System.nanoTime(); 0 before the first user
  private final ConcurrentLinkedQueue<Sample> samples = new ConcurrentLinkedQueue<>();

  StageRun(Stage stage) {
    this.stage = stage;
    this.times =
        stage.load() instanceof Load.Open open
            ? open.times(stage.duration(), stage.seed())
            : new long[0];
  }

  Stage stage() {
    return stage;
  }

  /** Intended times of an open loop, in nanoseconds from the start. */
  long[] times() {
    return times;
  }

  List<Sample> samples() {
    return List.copyOf(samples);
  }

  /** The next request of an open loop: its body and its intended time. */
  Session schedule(Session session) {
    start.compareAndSet(0, System.nanoTime() + LEAD.toNanos());
    int index = next.getAndIncrement();
    return session.set(BODY, stage.body(index)).set(INTENDED, start.get() + times[index]);
  }

  /** Until the intended time, in milliseconds, rounded up: no request leaves early. */
  Duration untilDue(Session session) {
    long nanos = Math.max(0, session.getLong(INTENDED) - System.nanoTime());
    return Duration.ofMillis(TimeUnit.NANOSECONDS.toMillis(nanos + 999_999));
  }

  /** The next request of a closed loop, due now. */
  Session take(Session session) {
    start.compareAndSet(0, System.nanoTime());
    Session prepared = session.set(BODY, stage.body(next.getAndIncrement()));
    return prepared.set(INTENDED, System.nanoTime());
  }

  Session sending(Session session) {
    return session.remove(STATUS).set(SENT, System.nanoTime());
  }

  /** Notes what became of a request that has no stream. */
  Session answered(Session session) {
    long done = System.nanoTime();
    int status = session.contains(STATUS) ? session.getInt(STATUS) : 0;
    samples.add(
        new Sample(
            session.getLong(INTENDED) - start.get(),
            session.getLong(SENT) - start.get(),
            done - start.get(),
            Sample.Result.of(status),
            StreamTimes.NONE));
    return session.markAsSucceeded();
  }
}
