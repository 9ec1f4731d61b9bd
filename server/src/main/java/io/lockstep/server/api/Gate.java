package io.lockstep.server.api;

import io.lockstep.server.serving.ErrorCode;
import io.lockstep.server.serving.Readiness;
import io.lockstep.server.serving.ServingException;
import java.util.concurrent.Semaphore;

/** Lets a bounded number of requests for work in, and none once the server drains. */
public final class Gate {

  private final Readiness readiness;
  private final int maxConcurrent;
  private final Semaphore places;
  private final RequestObserver observer;

  /** A gate with {@code maxConcurrent} places for requests being parsed, waiting or written. */
  public Gate(Readiness readiness, int maxConcurrent, RequestObserver observer) {
    this.readiness = readiness;
    this.maxConcurrent = maxConcurrent;
    this.places = new Semaphore(maxConcurrent);
    this.observer = observer;
  }

  /**
   * Takes a place, which {@link #leave} gives back.
   *
   * @throws ServingException MODEL_NOT_READY while draining, OVERLOADED when no place is free
   */
  void enter() {
    if (readiness.isDraining()) {
      observer.rejected("draining");
      throw new ServingException(ErrorCode.MODEL_NOT_READY, "the server is shutting down");
    }
    if (!places.tryAcquire()) {
      observer.rejected("too_many_requests");
      throw ServingException.overloaded(
          maxConcurrent + " requests are under way already, which is max_concurrent_requests", 1);
    }
  }

  void leave() {
    places.release();
  }
}
