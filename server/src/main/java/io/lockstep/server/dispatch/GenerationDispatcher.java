package io.lockstep.server.dispatch;

import io.lockstep.server.generation.ContinuousBatcher;
import io.lockstep.server.generation.Sequence;
import io.lockstep.server.serving.ErrorCode;
import io.lockstep.server.serving.ServingException;
import java.lang.System.Logger;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The one thread of a model that generates. It alone touches the batcher and its session; others
 * put sequences into the inbox and wake it. A test calls {@link #step} instead of starting the
 * thread.
 */
final class GenerationDispatcher {

  private static final Logger LOGGER = System.getLogger(GenerationDispatcher.class.getName());

  /** When all texts wait for their readers, deadlines are still looked at this often. */
  private static final long PAUSED_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final ContinuousBatcher batcher;
  private final Runnable closeSession;
  private final Queue<Sequence> inbox = new ConcurrentLinkedQueue<>();
  private final Thread thread;
  private volatile boolean stopping;
  private volatile int running;
  private volatile int waiting;
  private volatile int usedBlocks;

  GenerationDispatcher(String name, ContinuousBatcher batcher, Runnable closeSession) {
    this.batcher = batcher;
    this.closeSession = closeSession;
    this.thread = Thread.ofPlatform().name(name).daemon().unstarted(this::loop);
  }

  void start() {
    thread.start();
  }

  /** Takes the sequences of a request; any thread. */
  void accept(List<Sequence> sequences) {
    inbox.addAll(sequences);
    wake();
  }

  /** Something changed that the thread may be waiting for. */
  void wake() {
    LockSupport.unpark(thread);
  }

  /** Sequences being generated. */
  int running() {
    return running;
  }

  /** Sequences that wait, those that were stopped for lack of blocks included. */
  int waiting() {
    return waiting + inbox.size();
  }

  /** Blocks of the cache that hold sequences, as of the last step. */
  int usedBlocks() {
    return usedBlocks;
  }

  /** Ends the thread after the step it is in; what is left fails. Waits for the end. */
  void stop() throws InterruptedException {
    stopping = true;
    wake();
    thread.join();
  }

  /** One duty cycle: takes the inbox in and computes a step if there is one. */
  boolean step() {
    takeInbox();
    int tokens = batcher.step();
    running = batcher.running();
    waiting = batcher.waiting();
    usedBlocks = batcher.usedBlocks();
    return tokens > 0;
  }

  private void takeInbox() {
    for (Sequence sequence = inbox.poll(); sequence != null; sequence = inbox.poll()) {
      batcher.add(sequence);
    }
  }

  private void loop() {
    while (!stopping) {
      try {
        if (!step() && inbox.isEmpty() && !stopping) {
          awaitWork();
        }
      } catch (Throwable problem) { // the thread's outermost loop: the texts fail, not the server
        LOGGER.log(Logger.Level.ERROR, thread.getName() + ": a step failed", problem);
        batcher.failAll(new ServingException(ErrorCode.INTERNAL, "the model failed to run"));
      }
    }
    takeInbox();
    batcher.failAll(new ServingException(ErrorCode.MODEL_NOT_READY, "the model was unloaded"));
    closeSession.run();
  }

  private void awaitWork() {
    if (batcher.isEmpty()) {
      LockSupport.park(this);
    } else {
      LockSupport.parkNanos(this, PAUSED_NANOS);
    }
  }
}
