package io.lockstep.server.dispatch;

import io.lockstep.server.generation.SequenceOutput;
import io.lockstep.server.serving.FinishReason;
import io.lockstep.server.serving.GeneratedToken;
import io.lockstep.server.serving.GenerationCall;
import io.lockstep.server.serving.GenerationEvent;
import io.lockstep.server.serving.Phase;
import io.lockstep.server.serving.PhaseClock;
import io.lockstep.server.serving.ServingException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The texts of one request on their way from the batcher's thread to the one that writes them.
 * Holds so many events at most; a reader that lags behind pauses its texts.
 */
final class GenerationStream implements GenerationCall {

  /** Events that wait for the reader before its texts pause. */
  static final int CAPACITY = 256;

  /** What the server does when a request gets further; on the batcher's thread unless noted. */
  interface Listener {

    /** A text has left the queue, by starting or by ending there. */
    void leftQueue();

    /** All texts are over, or one failed. */
    void over(@Nullable ServingException problem);

    /** The reader, whose thread this is, has room again or is gone. */
    void wake();

    /** The reader, whose thread this is, has all of its texts. */
    void answered();
  }

  private final String version;
  private final int promptTokens;
  private final PhaseClock clock;
  private final Listener listener;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<GenerationEvent> events = new ArrayDeque<>();
  private @Nullable ServingException problem;
  private long startedNanos;
  private long choosingNanos; // of all texts, which one thread chooses tokens for
  private boolean isStarted;
  private boolean isTold; // that it started, to the clock
  private int unfinished;
  private int untold;
  private volatile boolean cancelled;
  private volatile boolean full;

  GenerationStream(
      String version, int promptTokens, int choices, PhaseClock clock, Listener listener) {
    this.version = version;
    this.promptTokens = promptTokens;
    this.clock = clock;
    this.listener = listener;
    this.unfinished = choices;
    this.untold = choices;
  }

  @Override
  public String version() {
    return version;
  }

  @Override
  public int promptTokens() {
    return promptTokens;
  }

  /** Where the text of this number goes. */
  SequenceOutput output(int choice) {
    return new Output(choice);
  }

  @Override
  public @Nullable GenerationEvent next(long nanos) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = nanos;
      while (events.isEmpty() && problem == null) {
        if (left <= 0) {
          return null;
        }
        left = changed.awaitNanos(left);
      }
      markStart();
      GenerationEvent event = events.poll();
      if (event == null) {
        throw problem;
      }
      if (full && events.size() <= CAPACITY / 2) {
        full = false;
        listener.wake();
      }
      if (event instanceof GenerationEvent.Finished && --untold == 0) {
        clock.mark(Phase.INFER);
        clock.move(Phase.INFER, Phase.SAMPLE, choosingNanos);
        listener.answered();
      }
      return event;
    } finally {
      lock.unlock();
    }
  }

  private void markStart() {
    if (isStarted && !isTold) {
      isTold = true;
      clock.mark(Phase.QUEUE, startedNanos);
    }
  }

  @Override
  public void cancel() {
    cancelled = true;
    listener.wake();
  }

  private final class Output implements SequenceOutput {

    private final int choice;
    private boolean inQueue = true;

    Output(int choice) {
      this.choice = choice;
    }

    @Override
    public boolean hasRoom() {
      return !full;
    }

    @Override
    public boolean isCancelled() {
      return cancelled;
    }

    @Override
    public void started(long nowNanos) {
      leaveQueue();
      lock.lock();
      try {
        if (!isStarted) {
          isStarted = true;
          startedNanos = nowNanos;
        }
      } finally {
        lock.unlock();
      }
    }

    private void leaveQueue() {
      if (inQueue) {
        inQueue = false;
        listener.leftQueue();
      }
    }

    @Override
    public void chosen(long tookNanos) {
      lock.lock();
      try {
        choosingNanos += tookNanos;
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void text(String text, List<GeneratedToken> tokens) {
      add(new GenerationEvent.Text(choice, text, tokens));
    }

    @Override
    public void finished(FinishReason reason, int generatedTokens, int cachedTokens) {
      add(new GenerationEvent.Finished(choice, reason, generatedTokens, cachedTokens));
      end(null);
    }

    @Override
    public void failed(ServingException why) {
      leaveQueue();
      cancelled = true; // the other texts of the request, too
      end(why);
    }

    private void add(GenerationEvent event) {
      lock.lock();
      try {
        events.add(event);
        full = events.size() >= CAPACITY;
        changed.signal();
      } finally {
        lock.unlock();
      }
    }

    private void end(@Nullable ServingException why) {
      boolean isLast;
      lock.lock();
      try {
        if (problem == null) {
          problem = why;
        }
        isLast = --unfinished == 0;
        changed.signal();
      } finally {
        lock.unlock();
      }
      if (isLast) {
        listener.over(problem);
      }
    }
  }
}
