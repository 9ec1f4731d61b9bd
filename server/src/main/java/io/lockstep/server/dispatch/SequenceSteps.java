package io.lockstep.server.dispatch;

import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.server.batching.RequestPart;
import io.lockstep.server.batching.SequenceOrder;
import io.lockstep.server.batching.SequenceRules;
import io.lockstep.server.batching.SequenceState;
import io.lockstep.server.metrics.VersionMeters;
import io.lockstep.server.serving.SequenceId;
import io.lockstep.server.serving.ServingException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The sequences of one model instance: holds the state of each, which is its own, and gives it to
 * the steps that may run. Used by the instance's dispatcher alone.
 */
final class SequenceSteps implements SequenceOrder.Listener<RequestPart> {

  /**
   * What the instances of a version have in common.
   *
   * @param live counts sequences and the memory of their states
   */
  record Shared(SequenceRules rules, LiveSequences live, VersionMeters meters) {}

  /** Where steps go. */
  interface Exits {

    /** A step may run. */
    void ready(RequestPart step);

    /** A step will never run. */
    void refused(RequestPart step, ServingException problem);

    /** A step expired, or its request was over already. */
    void departed(RequestPart step);
  }

  private final Shared shared;
  private final Exits exits;
  private final SequenceOrder<RequestPart> order;
  private final Map<SequenceId, SequenceState> states = new HashMap<>();

  SequenceSteps(Shared shared, Exits exits) {
    this.shared = shared;
    this.exits = exits;
    this.order = new SequenceOrder<>(shared.rules().idleTimeout(), shared.live(), this);
  }

  void add(RequestPart step, long nowNanos) {
    order.add(step, nowNanos);
  }

  /** A part is over; does nothing for one that was not let out as a step. */
  void done(RequestPart part, long nowNanos) {
    if (part.request().request().sequence() != null) {
      order.done(part, part.request().isDelivered(), nowNanos);
    }
  }

  void tick(long nowNanos) {
    order.tick(nowNanos);
  }

  long nanosUntilDue(long nowNanos) {
    return order.nanosUntilDue(nowNanos);
  }

  /** Gives all states back; the steps that were waiting for one before them. */
  List<RequestPart> clear() {
    return order.clear();
  }

  @Override
  public void ready(RequestPart step) {
    SequenceState state =
        states.computeIfAbsent(
            step.sequence().id(), _ -> new SequenceState(shared.rules(), shared.live()));
    List<Tensor> inputs = step.request().inputs();
    step.request().resume(state, step.sequence().start() ? inputs : state.into(inputs));
    exits.ready(step);
  }

  @Override
  public void refused(RequestPart step, ServingException problem, boolean isLimit) {
    if (isLimit) {
      shared.meters().sequencesWereFull();
    } else {
      shared.meters().sequenceWasUnknown();
    }
    exits.refused(step, problem);
  }

  @Override
  public void departed(RequestPart step) {
    exits.departed(step);
  }

  @Override
  public void started(SequenceId id) {
    shared.meters().sequenceStarted();
  }

  @Override
  public void ended(SequenceId id, SequenceOrder.End why) {
    Objects.requireNonNull(states.remove(id), "every sequence has a state").close();
    switch (why) {
      case ENDED -> shared.meters().sequenceEnded();
      case EXPIRED -> shared.meters().sequenceExpired();
      case NOT_STARTED, UNLOADED -> {}
    }
  }
}
