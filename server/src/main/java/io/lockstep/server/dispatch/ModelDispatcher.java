package io.lockstep.server.dispatch;

import io.lockstep.server.batching.Batch;
import io.lockstep.server.batching.BatchFormer;
import io.lockstep.server.batching.BatchPolicy;
import io.lockstep.server.batching.PendingRequest;
import io.lockstep.server.batching.RequestPart;
import io.lockstep.server.serving.ErrorCode;
import io.lockstep.server.serving.ServingException;
import io.lockstep.server.serving.Ticker;
import java.lang.System.Logger;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;

/**
 * Runs the batches of a model instance. Whoever has the {@link Turn} alone touches the queue, the
 * session and the batches, so nothing of that has locks; others put requests into the inbox. The
 * turn is the instance's own thread's, but a request that finds the instance idle, and whose run
 * takes less time than waking a thread for it is worth, takes it for that one run. A test calls
 * {@link #step} instead of starting the thread.
 */
final class ModelDispatcher {

  private static final Logger LOGGER = System.getLogger(ModelDispatcher.class.getName());

  private final BatchRunner runner;
  private final BatchFormer<RequestPart> former;
  private final SequenceSteps sequences;
  private final Ticker ticker;
  private final LongSupplier expectedRunNanos;
  private final Queue<PendingRequest> inbox = new ConcurrentLinkedQueue<>();
  private final AtomicInteger load = new AtomicInteger();
  private final Turn turn = new Turn();
  private final QuickRuns quickRuns = new QuickRuns();
  private final Thread thread;
  private volatile boolean callersRun;
  private volatile boolean draining;
  private volatile boolean stopping;
  private List<RequestPart> running = List.of();
  private final List<RequestPart> dropped = new ArrayList<>(); // by the former, to be told

  /**
   * A dispatcher that is not yet started.
   *
   * @param name of the thread
   * @param runner closed when the thread ends
   */
  ModelDispatcher(
      String name,
      BatchRunner runner,
      BatchPolicy policy,
      SequenceSteps.Shared sequences,
      Ticker ticker,
      LongSupplier expectedRunNanos) {
    this.runner = runner;
    this.former = new BatchFormer<>(policy, dropped::add);
    this.sequences = new SequenceSteps(sequences, new Exits());
    this.ticker = ticker;
    this.expectedRunNanos = expectedRunNanos;
    this.thread = Thread.ofPlatform().name(name).daemon().unstarted(this::loop);
  }

  void start() {
    thread.start();
    letCallersRun();
  }

  /** From here on threads that come with a request may run it. */
  void letCallersRun() {
    callersRun = true;
  }

  /** Takes a request; any thread. */
  void accept(PendingRequest request) {
    load.addAndGet(request.rows());
    inbox.add(request);
    wake();
  }

  /**
   * As {@link #accept}, but the request may be answered when this returns, by the calling thread:
   * that is what happens when the instance is idle, nothing is to be waited for, and runs of such a
   * size are quick.
   */
  void acceptOrRun(PendingRequest request) {
    load.addAndGet(request.rows());
    inbox.add(request);
    if (!callersRun
        || request.request().sequence() != null
        || !quickRuns.isQuick(request.bytes())) {
      wake();
    } else if (turn.take()) {
      runAtOnce();
    }
    // Otherwise whoever has the turn looks into the inbox after giving it back.
  }

  /** One duty cycle of a thread that came with a request and has the turn. */
  private void runAtOnce() {
    cycle(true);
    boolean isLeft = nanosUntilDue() != Long.MAX_VALUE;
    turn.give();
    if (isLeft || !inbox.isEmpty() || stopping) {
      wake();
    }
  }

  /** Something changed that the thread may be waiting for. */
  void wake() {
    LockSupport.unpark(thread);
  }

  /** Rows waiting and running, for choosing the least busy instance. */
  int load() {
    return load.get();
  }

  /** From here on nothing waits for company. */
  void drain() {
    draining = true;
    wake();
  }

  /** Ends the thread after the run it is in; what is left fails. Waits for the end. */
  void stop() throws InterruptedException {
    stopping = true;
    wake();
    thread.join();
  }

  /** One duty cycle: takes the inbox in and runs a batch if one is due. */
  boolean step() {
    return cycle(false);
  }

  /**
   * A duty cycle of whoever has the turn.
   *
   * @param onlyQuick whether nothing is run but what came into an empty queue and is quick
   * @return false when nothing was due
   */
  private boolean cycle(boolean onlyQuick) {
    try {
      boolean isIdle = former.isEmpty();
      long bytes = takeIn();
      boolean isQuick = isIdle && former.closesAtOnce() && quickRuns.isQuick(bytes);
      return (isQuick || !onlyQuick) && runDue();
    } catch (Throwable problem) { // outermost of what has the turn: the batch fails, not the server
      LOGGER.log(Logger.Level.ERROR, thread.getName() + ": a batch failed", problem);
      List<RequestPart> broken = running;
      running = List.of();
      failed(broken, new ServingException(ErrorCode.INTERNAL, "the model failed to run"));
      return true;
    }
  }

  /** Takes the inbox in; the bytes of the inputs that came with it. */
  private long takeIn() {
    long bytes = 0;
    for (PendingRequest request = inbox.poll(); request != null; request = inbox.poll()) {
      bytes += request.bytes();
      if (request.request().sequence() == null) {
        request.parts().forEach(former::add);
      } else {
        sequences.add(request.parts().getFirst(), ticker.nanos());
      }
    }
    return bytes;
  }

  private boolean runDue() {
    long start = ticker.nanos();
    sequences.tick(start);
    Batch<RequestPart> batch = former.poll(ticker.nanos(), draining);
    if (!dropped.isEmpty()) {
      List.copyOf(dropped).forEach(this::drop);
      dropped.clear();
    }
    if (batch == null) {
      return false;
    }
    running = batch.members();
    runner.run(batch);
    quickRuns.ran(bytes(running), ticker.nanos() - start);
    finish(running);
    running = List.of();
    former.expectRun(expectedRunNanos.getAsLong());
    return true;
  }

  private static long bytes(List<RequestPart> parts) {
    long bytes = 0;
    for (RequestPart part : parts) {
      bytes += part.bytes();
    }
    return bytes;
  }

  /** How long nothing is to be done unless something comes; the turn's owner asks. */
  private long nanosUntilDue() {
    long now = ticker.nanos();
    long nanos = draining && !former.isEmpty() ? 0 : former.nanosUntilDue(now);
    return Math.min(nanos, sequences.nanosUntilDue(now));
  }

  private void loop() {
    while (!stopping) {
      if (!turn.take()) {
        LockSupport.park(this); // whoever has it wakes this thread if there is something to do
        continue;
      }
      boolean ran = step();
      long nanos = ran ? 0 : nanosUntilDue();
      turn.give();
      if (!ran) {
        awaitWork(nanos);
      }
    }
    while (!turn.take()) {
      LockSupport.park(this);
    }
    failRest();
    runner.close();
  }

  /** Parks until a batch may be due or somebody wakes the thread. */
  private void awaitWork(long nanos) {
    if (!inbox.isEmpty() || stopping) {
      return;
    }
    if (nanos == Long.MAX_VALUE) {
      LockSupport.park(this);
    } else if (nanos > 0) {
      LockSupport.parkNanos(this, nanos);
    }
  }

  private void failRest() {
    ServingException gone =
        new ServingException(ErrorCode.MODEL_NOT_READY, "the model was unloaded");
    for (PendingRequest request = inbox.poll(); request != null; request = inbox.poll()) {
      failAll(request.parts(), gone);
    }
    failAll(sequences.clear(), gone);
    failAll(former.clear(), gone);
  }

  private void failAll(List<RequestPart> parts, ServingException problem) {
    for (RequestPart part : parts) {
      part.request().fail(problem);
    }
    finish(parts);
  }

  /** As {@link #failAll}, while the sequences of steps go on. */
  private void failed(List<RequestPart> parts, ServingException problem) {
    for (RequestPart part : parts) {
      part.request().failStep(problem);
    }
    finish(parts);
  }

  private void finish(List<RequestPart> parts) {
    for (RequestPart part : parts) {
      load.addAndGet(-part.rows());
      part.request().partLeft(part);
      sequences.done(part, ticker.nanos());
    }
  }

  /** Where steps of sequences go. */
  private final class Exits implements SequenceSteps.Exits {

    @Override
    public void ready(RequestPart step) {
      former.add(step);
    }

    @Override
    public void refused(RequestPart step, ServingException problem) {
      failAll(List.of(step), problem);
    }

    @Override
    public void departed(RequestPart step) {
      drop(step);
    }
  }

  /** A part expired, or its request was over already. */
  private void drop(RequestPart part) {
    failed(List.of(part), expired());
  }

  private static ServingException expired() {
    return new ServingException(
        ErrorCode.DEADLINE_EXCEEDED, "the request's time was over before it could be run");
  }
}
