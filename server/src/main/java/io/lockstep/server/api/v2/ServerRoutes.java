package io.lockstep.server.api.v2;

import io.lockstep.server.api.Exchange;
import io.lockstep.server.serving.Readiness;
import java.io.IOException;

/** What the server says about itself. */
final class ServerRoutes {

  /** Optional parts of the protocol that are served. */
  private static final String[] EXTENSIONS = {
    "binary_tensor_data",
    "classification",
    "generate",
    "model_configuration",
    "model_repository",
    "parameters",
    "schedule_policy",
    "sequence",
    "sequence(string_id)",
    "statistics"
  };

  private final Readiness readiness;
  private final String version;

  ServerRoutes(Readiness readiness, String version) {
    this.readiness = readiness;
    this.version = version;
  }

  void metadata(Exchange exchange) throws IOException {
    exchange.sendJson(json -> {
      json.writeStartObject();
      json.writeStringField("name", "lockstep");
      json.writeStringField("version", version);
      json.writeFieldName("extensions");
      json.writeArray(EXTENSIONS, 0, EXTENSIONS.length);
      json.writeEndObject();
    });
  }

  void live(Exchange exchange) throws IOException {
    exchange.sendJson(json -> {
      json.writeStartObject();
      json.writeBooleanField("live", true);
      json.writeEndObject();
    });
  }

  /** 503 until there is something to serve, and from the stop signal on. */
  void ready(Exchange exchange) throws IOException {
    boolean ready = readiness.isReady();
    exchange.sendJson(
        ready ? 200 : 503,
        json -> {
          json.writeStartObject();
          json.writeBooleanField("ready", ready);
          json.writeEndObject();
        });
  }
}
