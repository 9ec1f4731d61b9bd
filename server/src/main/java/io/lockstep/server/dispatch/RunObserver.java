package io.lockstep.server.dispatch;

import io.lockstep.server.batching.RequestPart;
import io.lockstep.server.metrics.VersionMeters;
import io.lockstep.server.serving.BatchInfo;
import io.lockstep.server.serving.BatchRecord;
import io.lockstep.server.serving.BatchRecord.Member;
import io.lockstep.server.serving.ModelDescription;
import io.lockstep.server.serving.Phase;
import java.util.ArrayList;
import java.util.List;

/** Tells everybody who counts or remembers of the runs of one model version. */
record RunObserver(
    ModelDescription model,
    StatisticsRecorder statistics,
    VersionMeters meters,
    RecentBatches recent) {

  /**
   * When a run started and its steps ended, in nanoseconds of the ticker.
   *
   * @param endedAtMillis wall clock, since 1970
   */
  record Times(long start, long assembled, long inferred, long split, long endedAtMillis) {}

  /** A batch was run. */
  void ran(List<RequestPart> members, BatchInfo info, Times times) {
    long nanos = times.split() - times.start();
    if (recent.isKeeping()) {
      recent.add(
          new BatchRecord(
              model.name(),
              model.version(),
              times.endedAtMillis() - nanos / 1_000_000,
              info,
              statistics.expectedRunNanos(),
              nanos,
              members(members)));
    }
    statistics.batchRun(
        info.rows(),
        times.assembled() - times.start(),
        times.inferred() - times.assembled(),
        times.split() - times.inferred(),
        times.endedAtMillis());
    meters.batchRun(nanos);
  }

  private static List<Member> members(List<RequestPart> parts) {
    List<Member> members = new ArrayList<>(parts.size());
    for (RequestPart part : parts) {
      var request = part.request().request();
      members.add(
          new Member(
              request.clock().requestId(),
              part.rows(),
              request.priority(),
              request.clock().nanos(Phase.QUEUE)));
    }
    return members;
  }
}
