package io.lockstep.server.dispatch;

import io.lockstep.runtime.GraphSession;
import io.lockstep.runtime.GraphSession.PlanUse;
import io.lockstep.server.metrics.TensorLoad;
import io.lockstep.server.registry.LoadedGraph;

/** What waits for the instances of a model version, and what they hold. */
record InstanceLoad(LoadedGraph version, QueueRoom room, LiveSequences sequences)
    implements TensorLoad {

  @Override
  public long queuedRows() {
    return room.rows();
  }

  @Override
  public long queuedRequests() {
    return room.requests();
  }

  @Override
  public long queueCapacityRows() {
    return room.maxRows();
  }

  @Override
  public long weightBytes() {
    return version.model().memory().weights();
  }

  @Override
  public long mappedBytes() {
    return version.model().memory().mapped();
  }

  @Override
  public long activationBytes() {
    return version.model().memory().activations();
  }

  @Override
  public long sequenceBytes() {
    return sequences.bytes();
  }

  @Override
  public long liveSequences() {
    return sequences.count();
  }

  @Override
  public long keptPlans() {
    return planUse().plans();
  }

  @Override
  public long planHits() {
    return planUse().hits();
  }

  @Override
  public long planMisses() {
    return planUse().misses();
  }

  PlanUse planUse() {
    return version.sessions().stream()
        .map(GraphSession::planUse)
        .reduce(PlanUse.NONE, PlanUse::plus);
  }
}
