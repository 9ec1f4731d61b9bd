package io.lockstep.server.api.tei;

import com.fasterxml.jackson.core.JsonGenerator;
import io.javalin.config.RoutesConfig;
import io.lockstep.server.api.Dialect;
import io.lockstep.server.api.Endpoints;
import io.lockstep.server.serving.EmbeddingService;
import io.lockstep.server.serving.ErrorCode;
import io.lockstep.server.serving.ModelCatalog;
import io.lockstep.server.serving.Readiness;
import io.lockstep.server.serving.ServingException;
import java.io.IOException;
import java.util.List;

/**
 * Text Embeddings Inference: its routes for embedding models and its errors. vLLM's routes about
 * tokens are here as well, since one of them has the same path.
 */
public final class TeiDialect implements Dialect {

  /** The routes stand at the root for the default model, and under a model's name. */
  private static final List<String> PREFIXES = List.of("", "/models/{model}");

  private static final List<String> ROUTES =
      List.of("/embed", "/similarity", "/tokenize", "/detokenize", "/decode", "/info", "/health");

  private final EmbedRoutes embed;
  private final TokenRoutes tokens;
  private final PromptTokenRoutes prompts;
  private final InfoRoutes info;

  public TeiDialect(
      EmbeddingService embeddings,
      ModelCatalog catalog,
      Readiness readiness,
      String serverVersion) {
    ModelChoice models = new ModelChoice(catalog);
    embed = new EmbedRoutes(embeddings, models);
    prompts = new PromptTokenRoutes(models);
    tokens = new TokenRoutes(models, prompts);
    info = new InfoRoutes(models, readiness, serverVersion);
  }

  @Override
  public String protocol() {
    return "tei";
  }

  @Override
  public boolean owns(String path) {
    return path.startsWith("/models/") || ROUTES.contains(path);
  }

  @Override
  public void addRoutes(RoutesConfig routes, Endpoints endpoints) {
    for (String prefix : PREFIXES) {
      routes.post(prefix + "/embed", endpoints.work(this, embed::embed));
      routes.post(prefix + "/similarity", endpoints.work(this, embed::similarity));
      routes.post(prefix + "/tokenize", endpoints.work(this, tokens::tokenize));
      routes.post(prefix + "/detokenize", endpoints.work(this, prompts::detokenize));
      routes.post(prefix + "/decode", endpoints.work(this, tokens::decode));
      routes.get(prefix + "/info", endpoints.info(this, info::info));
    }
    routes.get("/health", endpoints.info(this, info::health));
  }

  @Override
  public int status(ErrorCode code) {
    return switch (code) {
      case INVALID_ARGUMENT, CONTEXT_LENGTH_EXCEEDED -> 422;
      case INTERNAL -> 424;
      case UNAUTHENTICATED,
          MODEL_NOT_FOUND,
          UNKNOWN_ROUTE,
          PAYLOAD_TOO_LARGE,
          OVERLOADED,
          CANCELLED,
          UNSUPPORTED,
          MODEL_NOT_READY,
          DEADLINE_EXCEEDED ->
          code.httpStatus();
    };
  }

  @Override
  public void writeError(JsonGenerator json, ServingException failure) throws IOException {
    json.writeStartObject();
    json.writeStringField("error", failure.getMessage());
    json.writeStringField("error_type", type(failure.code()));
    json.writeEndObject();
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
          "Validation";
      case OVERLOADED, DEADLINE_EXCEEDED -> "Overloaded";
      case CANCELLED, INTERNAL -> "Backend";
      case MODEL_NOT_READY -> "Unhealthy";
    };
  }
}
