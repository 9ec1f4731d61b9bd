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
 * The one thread of a model instance. It alone touches the queue, the session and the batches, so
 * nothing of that has locks; others put requests into the inbox and wake it. A test calls {@link
 * #step} instead of starting the thread.
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
  private final Thread thread;
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
  }

  /** Takes a request; any thread. */
  void accept(PendingRequest request) {
    load.addAndGet(request.rows());
    inbox.add(request);
    wake();
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
    for (PendingRequest request = inbox.poll(); request != null; request = inbox.poll()) {
      if (request.request().sequence() == null) {
        request.parts().forEach(former::add);
      } else {
        sequences.add(request.parts().getFirst(), ticker.nanos());
      }
    }
    sequences.tick(ticker.nanos());
    Batch<RequestPart> batch = former.poll(ticker.nanos(), draining);
    List.copyOf(dropped).forEach(this::drop);
    dropped.clear();
    if (batch == null) {
      return false;
    }
    running = batch.members();
    runner.run(batch);
    finish(running);
    running = List.of();
    former.expectRun(expectedRunNanos.getAsLong());
    return true;
  }

  /** Parks until a batch may be due or somebody wakes the thread. */
  void awaitWork() {
    if (!inbox.isEmpty() || stopping) {
      return;
    }
    long now = ticker.nanos();
    long nanos = draining && !former.isEmpty() ? 0 : former.nanosUntilDue(now);
    nanos = Math.min(nanos, sequences.nanosUntilDue(now));
    if (nanos == Long.MAX_VALUE) {
      LockSupport.park(this);
    } else if (nanos > 0) {
      LockSupport.parkNanos(this, nanos);
    }
  }

  private void loop() {
    while (!stopping) {
      try {
        if (!step()) {
          awaitWork();
        }
      } catch (Throwable problem) { // the thread's outermost loop: the batch fails, not the server
        LOGGER.log(Logger.Level.ERROR, thread.getName() + ": a batch failed", problem);
        List<RequestPart> broken = running;
        running = List.of();
        failed(broken, new ServingException(ErrorCode.INTERNAL, "the model failed to run"));
      }
    }
    failRest();
    runner.close();
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
