package io.lockstep.server.metrics;

/** A load whose every number is the same. */
record FakeLoad(long number) implements TensorLoad {

  @Override
  public long queuedRows() {
    return number;
  }

  @Override
  public long queuedRequests() {
    return number;
  }

  @Override
  public long queueCapacityRows() {
    return number;
  }

  @Override
  public long weightBytes() {
    return number;
  }

  @Override
  public long mappedBytes() {
    return number;
  }

  @Override
  public long activationBytes() {
    return number;
  }

  @Override
  public long sequenceBytes() {
    return number;
  }

  @Override
  public long liveSequences() {
    return number;
  }

  @Override
  public long keptPlans() {
    return number;
  }

  @Override
  public long planHits() {
    return number;
  }

  @Override
  public long planMisses() {
    return number;
  }
}
