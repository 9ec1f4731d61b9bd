package io.lockstep.server.api;

import java.io.IOException;
import java.io.OutputStream;

/** Writes the body of an answer. */
@FunctionalInterface
public interface BodyWriter {
  void writeTo(OutputStream out) throws IOException;
}
