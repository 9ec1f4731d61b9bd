package io.lockstep.loadtest.generator;

import io.lockstep.loadtest.traffic.Traffic;
import java.net.URI;
import java.time.Duration;

/**
 * One load on one server for a while.
 *
 * @param server its address
 * @param seed of arrival times and bodies
 */
public record Stage(URI server, Traffic traffic, Load load, Duration duration, long seed) {

  /** Keeps the bodies of different stages apart. */
  private static final long BODIES_OF_A_STAGE = 10_000_000;

  String body(int index) {
    return traffic.body(seed * BODIES_OF_A_STAGE + index);
  }

  String url() {
    return server.resolve(traffic.path()).toString();
  }
}
