package io.lockstep.server.api;

import io.lockstep.server.serving.GenerationEvent;
import java.io.IOException;

/** Writes generated texts down as they come. */
public interface GenerationReader {

  /** A text goes on, or is over. */
  void on(GenerationEvent event) throws IOException;

  /** Nothing has happened for so long that proxies may close the connection. */
  default void silence() throws IOException {}
}
