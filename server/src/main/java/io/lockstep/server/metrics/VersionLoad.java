package io.lockstep.server.metrics;

/** What gauges read of a model version at each scrape; cheap and safe from any thread. */
public interface VersionLoad {

  /** Rows waiting. */
  long queuedRows();

  /** Requests waiting. */
  long queuedRequests();

  /** Rows that may wait. */
  long queueCapacityRows();

  /** Native bytes of constants, packed forms included. */
  long weightBytes();

  /** Bytes of model files still mapped. */
  long mappedBytes();

  /** Native bytes of activations, over all instances. */
  long activationBytes();
}
