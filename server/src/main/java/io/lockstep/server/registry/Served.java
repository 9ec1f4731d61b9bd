package io.lockstep.server.registry;

import io.lockstep.server.serving.ModelDescription;
import io.lockstep.server.serving.ModelStatistics;
import java.time.Duration;

/** A version at work: its instances and their queue. Made by whoever runs requests. */
public interface Served {

  ModelDescription description();

  ModelStatistics statistics();

  /**
   * Takes no more requests, lets those it has finish, fails what is left after the time-out, and
   * closes the sessions. Waits until all of that is done, after which the model may be closed.
   */
  void retire(Duration timeout);

  /** Puts loaded versions to work. */
  interface Factory<S extends Served> {

    /** Starts serving; takes the sessions of {@code version} over. */
    S serve(LoadedVersion version);
  }
}
