package io.lockstep.server;

import java.util.logging.LogManager;

/**
 * A log manager that outlives the stop signal. The usual one removes all handlers as soon as the
 * JVM begins to shut down, which is when draining begins and has something to say.
 */
public final class LingeringLogManager extends LogManager {

  @Override
  public void reset() {
    // Handlers write through at once and own nothing that needs closing.
  }
}
