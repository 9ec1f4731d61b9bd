package io.lockstep.server.serving;

import java.util.List;

/**
 * A batch that was run, for explaining it afterwards.
 *
 * @param startedAtMillis wall clock, since 1970
 * @param predictedNanos what the queue took a run to cost when it closed the batch, a moving
 *     average; 0 when nothing had run before
 * @param actualNanos gathering, computing and copying out
 * @param members in the order of their rows
 */
public record BatchRecord(
    String model,
    String version,
    long startedAtMillis,
    BatchInfo batch,
    long predictedNanos,
    long actualNanos,
    List<Member> members) {

  public BatchRecord {
    members = List.copyOf(members);
  }

  /**
   * A request, or a part of an oversize one.
   *
   * @param waitNanos in the queue
   */
  public record Member(String requestId, int rows, int priority, long waitNanos) {}
}
