package io.lockstep.server.dispatch;

import io.lockstep.server.batching.PendingRequest;
import io.lockstep.server.batching.RequestPart;
import io.lockstep.server.metrics.VersionMeters;
import io.lockstep.server.serving.ErrorCode;
import io.lockstep.server.serving.ServingException;
import io.lockstep.server.serving.Ticker;

/** What becomes of the requests that a version admitted: their room is given back, they count. */
record AdmittedRequests(
    QueueRoom room,
    InFlight inFlight,
    StatisticsRecorder statistics,
    VersionMeters meters,
    Ticker ticker)
    implements PendingRequest.Listener {

  @Override
  public void roomReleased(RequestPart part, boolean last) {
    room.release(part.rows(), last ? 1 : 0);
  }

  @Override
  public void answered(PendingRequest request) {
    statistics.requestAnswered(request.rows(), request.request().clock(), age(request));
  }

  @Override
  public void failed(PendingRequest request, ServingException problem) {
    statistics.requestFailed(age(request));
    if (problem.code() == ErrorCode.CANCELLED) {
      meters.requestCancelled();
    } else if (problem.code() == ErrorCode.DEADLINE_EXCEEDED) {
      meters.requestExpired();
    }
  }

  @Override
  public void left(PendingRequest request) {
    inFlight.leave();
  }

  private long age(PendingRequest request) {
    return ticker.nanos() - request.arrivalNanos();
  }
}
