package io.lockstep.server.dispatch;

import io.lockstep.runtime.ModelSignature;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.server.batching.PendingRequest;
import io.lockstep.server.batching.PendingRequest.Answer;
import io.lockstep.server.serving.Deadline;
import io.lockstep.server.serving.ErrorCode;
import io.lockstep.server.serving.InferCall;
import io.lockstep.server.serving.InferResponse;
import io.lockstep.server.serving.ModelDescription;
import io.lockstep.server.serving.NamedTensor;
import io.lockstep.server.serving.PhaseClock;
import io.lockstep.server.serving.ServingException;
import io.lockstep.server.serving.Ticker;
import java.lang.System.Logger;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The client's end of a pending request. */
final class PendingCall implements InferCall {

  private static final Logger LOGGER = System.getLogger(PendingCall.class.getName());

  private final ModelDescription description;
  private final PendingRequest pending;
  private final Ticker ticker;
  private final Runnable wakeDispatcher;

  PendingCall(
      ModelDescription description,
      PendingRequest pending,
      Ticker ticker,
      Runnable wakeDispatcher) {
    this.description = description;
    this.pending = pending;
    this.ticker = ticker;
    this.wakeDispatcher = wakeDispatcher;
  }

  @Override
  public InferResponse await() throws InterruptedException {
    if (pending.answer().isDone()) {
      return settled();
    }
    Deadline deadline = pending.request().deadline();
    try {
      return response(
          pending.answer().get(deadline.remainingNanos(ticker.nanos()), TimeUnit.NANOSECONDS));
    } catch (TimeoutException late) {
      end(
          new ServingException(
              ErrorCode.DEADLINE_EXCEEDED, "the request's time was over before its answer came"));
      return settled();
    } catch (ExecutionException failed) {
      throw told(failed);
    } catch (InterruptedException interrupted) {
      abandon();
      throw interrupted;
    }
  }

  @Override
  public boolean isOverWithin(long nanos) throws InterruptedException {
    if (pending.answer().isDone()) {
      return true;
    }
    long left = pending.request().deadline().remainingNanos(ticker.nanos());
    try {
      pending.answer().get(Math.min(nanos, left), TimeUnit.NANOSECONDS);
      return true;
    } catch (ExecutionException failed) {
      return true; // await tells
    } catch (TimeoutException late) {
      return false;
    } catch (InterruptedException interrupted) {
      abandon();
      throw interrupted;
    }
  }

  @Override
  public void cancel() {
    end(new ServingException(ErrorCode.CANCELLED, "the request was cancelled"));
  }

  private void end(ServingException problem) {
    if (pending.failStep(problem)) {
      wakeDispatcher.run();
    }
  }

  /** Instead of {@link #await}: cancels, and gives the answer back if it was there already. */
  void abandon() {
    cancel();
    CompletableFuture<Answer> answer = pending.answer();
    // Either it had failed or been answered before, or it has failed now: it is over in any case,
    // but an answer may still be on its way from settled to completed.
    try {
      answer.join().memory().close();
    } catch (CompletionException failed) {
      LOGGER.log(Logger.Level.DEBUG, "an abandoned request had failed", failed);
    }
  }

  PhaseClock clock() {
    return pending.request().clock();
  }

  /** The outcome of a request that is over, or just being handed over. */
  private InferResponse settled() throws InterruptedException {
    try {
      return response(pending.answer().get());
    } catch (ExecutionException failed) {
      throw told(failed);
    }
  }

  private static RuntimeException told(ExecutionException failed) {
    return failed.getCause() instanceof ServingException problem
        ? problem
        : new IllegalStateException("requests fail with a serving exception alone", failed);
  }

  private InferResponse response(Answer answer) {
    ModelSignature signature = description.signature();
    List<NamedTensor> outputs = new ArrayList<>();
    for (int i = 0; i < answer.outputs().size(); i++) {
      Tensor tensor = answer.outputs().get(i);
      outputs.add(
          new NamedTensor(signature.outputs().get(pending.outputs().get(i)).name(), tensor));
    }
    return new InferResponse(
        description.name(), description.version(), outputs, answer.batch(), answer.memory());
  }
}
