package io.lockstep.server.api.openai;

import com.fasterxml.jackson.core.JsonGenerator;
import io.lockstep.server.api.Exchange;
import io.lockstep.server.api.VersionStatusJson;
import io.lockstep.server.serving.ErrorCode;
import io.lockstep.server.serving.ModelCatalog;
import io.lockstep.server.serving.ModelDescription;
import io.lockstep.server.serving.ModelStatus;
import io.lockstep.server.serving.ServingException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** The models as OpenAI's clients list them. */
final class ModelRoutes {

  private final ModelCatalog catalog;

  ModelRoutes(ModelCatalog catalog) {
    this.catalog = catalog;
  }

  void list(Exchange exchange) throws IOException {
    List<ModelDescription> models = catalog.ready();
    exchange.sendJson(json -> {
      json.writeStartObject();
      json.writeStringField("object", "list");
      json.writeArrayFieldStart("data");
      for (ModelDescription model : models) {
        json.writeStartObject();
        writeFields(json, model.name(), model.loadedAtMillis());
        writeLength(json, model);
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    });
  }

  /**
   * One model. TensorFlow Serving asks for the states of a model's versions by the same method and
   * path, so the object has the fields of both.
   */
  void model(Exchange exchange) throws IOException {
    String name = exchange.path("model");
    List<ModelStatus> versions = catalog.versions(name);
    Optional<ModelDescription> ready = ready(name);
    exchange.sendJson(json -> {
      json.writeStartObject();
      writeFields(json, name, ready.map(ModelDescription::loadedAtMillis).orElse(0L));
      if (ready.isPresent()) {
        writeLength(json, ready.get());
      }
      VersionStatusJson.write(json, versions);
      json.writeEndObject();
    });
  }

  private Optional<ModelDescription> ready(String name) {
    try {
      return Optional.of(catalog.describe(name, null));
    } catch (ServingException failure) {
      if (failure.code() == ErrorCode.MODEL_NOT_READY) {
        return Optional.empty();
      }
      throw failure;
    }
  }

  /** vLLM's field of models that generate text. */
  private static void writeLength(JsonGenerator json, ModelDescription model) throws IOException {
    if (model.generation().isPresent()) {
      json.writeNumberField("max_model_len", model.generation().get().contextLength());
    }
  }

  private static void writeFields(JsonGenerator json, String name, long loadedAtMillis)
      throws IOException {
    json.writeStringField("id", name);
    json.writeStringField("object", "model");
    json.writeNumberField("created", TimeUnit.MILLISECONDS.toSeconds(loadedAtMillis));
    json.writeStringField("owned_by", "lockstep");
  }
}
