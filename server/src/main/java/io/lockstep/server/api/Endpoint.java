package io.lockstep.server.api;

import java.io.IOException;

/** Answers the requests of one route; whatever it throws becomes an error answer. */
@FunctionalInterface
public interface Endpoint {
  void answer(Exchange exchange) throws IOException, InterruptedException;
}
