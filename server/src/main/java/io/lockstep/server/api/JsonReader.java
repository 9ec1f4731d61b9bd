package io.lockstep.server.api;

import java.io.IOException;

/** Reads a body of JSON, which it finds before its first token. */
public interface JsonReader<T> {
  T read(JsonInput json) throws IOException;
}
