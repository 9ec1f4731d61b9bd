package io.lockstep.server.api;

import com.fasterxml.jackson.core.JsonGenerator;
import io.javalin.config.RoutesConfig;
import io.lockstep.server.serving.ErrorCode;
import io.lockstep.server.serving.ServingException;
import java.io.IOException;

/**
 * One protocol that clients speak: its routes, its JSON and its way to say that something failed.
 */
public interface Dialect {

  /** The name in metrics. */
  String protocol();

  /** Whether errors about {@code path}, such as that there is no such route, are in this JSON. */
  boolean owns(String path);

  void addRoutes(RoutesConfig routes, Endpoints endpoints);

  /** The status of an answer that says {@code code}. */
  default int status(ErrorCode code) {
    return code.httpStatus();
  }

  /**
   * Writes the one JSON value that tells {@code failure}: {@code {"error": "..."}} in most of them.
   */
  default void writeError(JsonGenerator json, ServingException failure) throws IOException {
    json.writeStartObject();
    json.writeStringField("error", failure.getMessage());
    json.writeEndObject();
  }
}
