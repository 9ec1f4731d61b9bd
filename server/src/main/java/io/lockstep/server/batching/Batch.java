package io.lockstep.server.batching;

import io.lockstep.server.serving.CloseReason;
import java.util.List;

/**
 * Work that runs together; all keys are equal.
 *
 * @param members in the order of their rows, never empty
 * @param rows of all members
 * @param reason why it was closed
 */
public record Batch<Q extends Queued>(List<Q> members, int rows, CloseReason reason) {

  public Batch {
    members = List.copyOf(members);
  }
}
