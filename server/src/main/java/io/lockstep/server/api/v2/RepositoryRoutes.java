package io.lockstep.server.api.v2;

import io.lockstep.server.api.Exchange;
import io.lockstep.server.api.JsonInput;
import io.lockstep.server.serving.ErrorCode;
import io.lockstep.server.serving.ModelCatalog;
import io.lockstep.server.serving.ModelStatus;
import io.lockstep.server.serving.ServingException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PushbackInputStream;
import java.util.List;

/** The model repository extension: which models there are, loading and unloading. */
final class RepositoryRoutes {

  private final ModelCatalog catalog;

  RepositoryRoutes(ModelCatalog catalog) {
    this.catalog = catalog;
  }

  void index(Exchange exchange) throws IOException {
    boolean[] readyOnly = {false};
    readOptional(
        exchange,
        (key, json) -> {
          if (key.equals("ready")) {
            readyOnly[0] = json.bool("ready");
          } else {
            json.skip();
          }
        });
    List<ModelStatus> models =
        catalog.index().stream().filter(model -> !readyOnly[0] || model.isReady()).toList();
    exchange.sendJson(json -> {
      json.writeStartArray();
      for (ModelStatus model : models) {
        json.writeStartObject();
        json.writeStringField("name", model.name());
        json.writeStringField("version", model.version());
        json.writeStringField("state", state(model));
        json.writeStringField("reason", model.reason());
        json.writeEndObject();
      }
      json.writeEndArray();
    });
  }

  void load(Exchange exchange) throws IOException {
    readOptional(
        exchange,
        (key, json) -> {
          if (key.equals("parameters")) {
            refuseParameters(json);
          } else {
            json.skip();
          }
        });
    catalog.load(exchange.path("model"));
    exchange.sendEmpty(200);
  }

  void unload(Exchange exchange) throws IOException {
    // Models do not depend on each other here, so that unload_dependents changes nothing.
    readOptional(exchange, (_, json) -> json.skip());
    catalog.unload(exchange.path("model"));
    exchange.sendEmpty(200);
  }

  private static String state(ModelStatus model) {
    return switch (model.state()) {
      case READY -> "READY";
      case LOADING -> "LOADING";
      case DRAINING -> "UNLOADING";
      case FAILED -> "UNAVAILABLE";
    };
  }

  /** A model sent along would be code and data from anybody who reaches this port. */
  private static void refuseParameters(JsonInput json) throws IOException {
    json.object("parameters");
    for (String key = json.nextKey(); key != null; key = json.nextKey()) {
      if (key.equals("config") || key.startsWith("file:")) {
        throw new ServingException(
            ErrorCode.UNSUPPORTED,
            "parameters.%s is not supported: models are loaded from the repository only"
                .formatted(JsonInput.shortened(key)));
      }
      json.skip();
    }
  }

  private interface Field {
    void read(String key, JsonInput json) throws IOException;
  }

  /** Reads the object that the body may be. */
  private static void readOptional(Exchange exchange, Field field) throws IOException {
    PushbackInputStream body = new PushbackInputStream(exchange.body());
    int first = body.read();
    if (first < 0) {
      return;
    }
    body.unread(first);
    readObject(exchange, body, field);
  }

  private static void readObject(Exchange exchange, InputStream body, Field field)
      throws IOException {
    try (JsonInput json = exchange.json(body, false)) {
      json.startObject();
      for (String key = json.nextKey(); key != null; key = json.nextKey()) {
        field.read(key, json);
      }
      json.end();
    }
  }
}
