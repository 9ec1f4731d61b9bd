package io.lockstep.server.dispatch;

import io.lockstep.runtime.GraphSession;
import io.lockstep.server.batching.Batch;
import io.lockstep.server.batching.BatchFormer;
import io.lockstep.server.batching.BatchPolicy;
import io.lockstep.server.batching.PendingRequest;
import io.lockstep.server.batching.RequestPart;
import io.lockstep.server.serving.ErrorCode;
import io.lockstep.server.serving.ServingException;
import io.lockstep.server.serving.Ticker;
import java.lang.System.Logger;
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

  private final GraphSession session;
  private final BatchRunner runner;
  private final BatchFormer<RequestPart> former;
  private final Ticker ticker;
  private final LongSupplier expectedRunNanos;
  private final Queue<PendingRequest> inbox = new ConcurrentLinkedQueue<>();
  private final AtomicInteger load = new AtomicInteger();
  private final Thread thread;
  private volatile boolean draining;
  private volatile boolean stopping;
  private List<RequestPart> running = List.of();

  /**
   * A dispatcher that is not yet started.
   *
   * @param name of the thread
   * @param session closed when the thread ends
   */
  ModelDispatcher(
      String name,
      GraphSession session,
      BatchRunner runner,
      BatchPolicy policy,
      Ticker ticker,
      LongSupplier expectedRunNanos) {
    this.session = session;
    this.runner = runner;
    this.former = new BatchFormer<>(policy, this::drop);
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
      request.parts().forEach(former::add);
    }
    Batch<RequestPart> batch = former.poll(ticker.nanos(), draining);
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
    long nanos = draining && !former.isEmpty() ? 0 : former.nanosUntilDue(ticker.nanos());
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
        failAll(running, new ServingException(ErrorCode.INTERNAL, "the model failed to run"));
        running = List.of();
      }
    }
    failRest();
    session.close();
  }

  private void failRest() {
    ServingException gone =
        new ServingException(ErrorCode.MODEL_NOT_READY, "the model was unloaded");
    for (PendingRequest request = inbox.poll(); request != null; request = inbox.poll()) {
      failAll(request.parts(), gone);
    }
    former.clear().forEach(part -> failAll(List.of(part), gone));
  }

  private void failAll(List<RequestPart> parts, ServingException problem) {
    for (RequestPart part : parts) {
      part.request().fail(problem);
    }
    finish(parts);
  }

  private void finish(List<RequestPart> parts) {
    for (RequestPart part : parts) {
      load.addAndGet(-part.rows());
      part.request().partLeft(part);
    }
  }

  /** A part expired, or its request was over already. */
  private void drop(RequestPart part) {
    part.request().fail(expired());
    finish(List.of(part));
  }

  private static ServingException expired() {
    return new ServingException(
        ErrorCode.DEADLINE_EXCEEDED, "the request's time was over before it could be run");
  }
}
