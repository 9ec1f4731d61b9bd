package io.lockstep.server.api.openai;

import com.fasterxml.jackson.core.JsonGenerator;
import io.javalin.config.RoutesConfig;
import io.lockstep.server.api.Dialect;
import io.lockstep.server.api.Endpoints;
import io.lockstep.server.serving.EmbeddingService;
import io.lockstep.server.serving.ErrorCode;
import io.lockstep.server.serving.GenerationService;
import io.lockstep.server.serving.ModelCatalog;
import io.lockstep.server.serving.ServingException;
import java.io.IOException;
import java.util.Locale;

/** OpenAI's API: conversations, continuations, embeddings and the list of models. */
public final class OpenAiDialect implements Dialect {

  private final EmbeddingRoutes embeddings;
  private final ModelRoutes models;
  private final ChatRoutes chat;
  private final CompletionRoutes completions;

  public OpenAiDialect(
      EmbeddingService embeddings, GenerationService generation, ModelCatalog catalog) {
    this.embeddings = new EmbeddingRoutes(embeddings);
    this.chat = new ChatRoutes(generation, catalog);
    this.completions = new CompletionRoutes(generation, catalog);
    this.models = new ModelRoutes(catalog);
  }

  @Override
  public String protocol() {
    return "openai";
  }

  /** All of {@code /v1}; TensorFlow Serving's part of it is asked before. */
  @Override
  public boolean owns(String path) {
    return path.startsWith("/v1/") || path.equals("/apply-template");
  }

  @Override
  public void addRoutes(RoutesConfig routes, Endpoints endpoints) {
    routes.post("/v1/embeddings", endpoints.work(this, embeddings::embed));
    routes.post("/v1/chat/completions", endpoints.work(this, chat::complete));
    routes.post("/v1/completions", endpoints.work(this, completions::complete));
    routes.post("/apply-template", endpoints.info(this, chat::applyTemplate));
    routes.get("/v1/models", endpoints.info(this, models::list));
    routes.get("/v1/models/{model}", endpoints.info(this, models::model));
  }

  @Override
  public void writeError(JsonGenerator json, ServingException failure) throws IOException {
    json.writeStartObject();
    json.writeObjectFieldStart("error");
    json.writeStringField("message", failure.getMessage());
    json.writeStringField("type", type(failure.code()));
    json.writeStringField("param", failure.field());
    json.writeStringField("code", code(failure.code()));
    json.writeEndObject();
    json.writeEndObject();
  }

  private static String code(ErrorCode code) {
    return switch (code) {
      case UNAUTHENTICATED -> "invalid_api_key";
      case UNKNOWN_ROUTE -> "unknown_url";
      case INVALID_ARGUMENT,
          CONTEXT_LENGTH_EXCEEDED,
          MODEL_NOT_FOUND,
          PAYLOAD_TOO_LARGE,
          OVERLOADED,
          CANCELLED,
          INTERNAL,
          UNSUPPORTED,
          MODEL_NOT_READY,
          DEADLINE_EXCEEDED ->
          code.name().toLowerCase(Locale.ROOT);
    };
  }

  private static String type(ErrorCode code) {
    return switch (code) {
      case INVALID_ARGUMENT,
          CONTEXT_LENGTH_EXCEEDED,
          UNAUTHENTICATED,
          MODEL_NOT_FOUND,
          UNKNOWN_ROUTE,
          PAYLOAD_TOO_LARGE,
          UNSUPPORTED ->
          "invalid_request_error";
      case OVERLOADED -> "rate_limit_error";
      case CANCELLED, INTERNAL, MODEL_NOT_READY, DEADLINE_EXCEEDED -> "server_error";
    };
  }
}
