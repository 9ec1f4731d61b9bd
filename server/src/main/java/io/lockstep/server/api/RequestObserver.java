package io.lockstep.server.api;

import io.lockstep.server.serving.PhaseClock;
import org.jspecify.annotations.Nullable;

/** Is told about every request for work, for counting. */
public interface RequestObserver {

  /**
   * A request was answered, whatever the answer.
   *
   * @param model the name in the request, null when it never got so far
   * @param version the version that answered, null when none did
   * @param protocol the dialect's {@link Dialect#protocol}
   * @param outcome {@code success}, or the error code in lower case
   */
  void finished(
      @Nullable String model,
      @Nullable String version,
      String protocol,
      String outcome,
      PhaseClock clock);

  /** A request was turned away before it was looked at. */
  void rejected(String reason);
}
