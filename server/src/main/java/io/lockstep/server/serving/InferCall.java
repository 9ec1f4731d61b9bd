package io.lockstep.server.serving;

/** A request under way. */
public interface InferCall {

  /**
   * Waits for the answer, at most until the request's deadline. Called once, by one thread.
   *
   * @return the answer, which the caller closes
   * @throws ServingException when the request failed, expired or was cancelled
   * @throws InterruptedException when the waiting thread is interrupted; the call is then cancelled
   */
  InferResponse await() throws InterruptedException;

  /**
   * Waits for the answer for a moment only.
   *
   * @param nanos at most so long
   * @return whether the call is over, so that {@link #await} returns at once
   * @throws InterruptedException when the waiting thread is interrupted; the call is then cancelled
   */
  boolean isOverWithin(long nanos) throws InterruptedException;

  /**
   * Nobody wants the answer any more, for example because the connection was closed. A request
   * still waiting leaves the queue without costing compute; one already running has its answer
   * thrown away. {@link #await} then fails with {@link ErrorCode#CANCELLED}. Any thread may call it
   * at any time; once the answer is there it does nothing.
   */
  void cancel();
}
