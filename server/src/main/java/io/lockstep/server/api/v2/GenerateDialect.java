package io.lockstep.server.api.v2;

import io.javalin.config.RoutesConfig;
import io.lockstep.server.api.Dialect;
import io.lockstep.server.api.Endpoints;
import io.lockstep.server.serving.ErrorCode;
import io.lockstep.server.serving.GenerationService;
import io.lockstep.server.serving.ModelCatalog;

/**
 * The generate extension of the Open Inference Protocol: KServe's generate_rest.yaml, whose
 * statuses of errors differ from those of the rest of the protocol, and Triton's generate
 * extension.
 */
public final class GenerateDialect implements Dialect {

  private final GenerateRoutes routes;

  public GenerateDialect(GenerationService generation, ModelCatalog catalog) {
    this.routes = new GenerateRoutes(generation, catalog);
  }

  @Override
  public String protocol() {
    return "v2";
  }

  /** None: what is no route at all is answered by the protocol whose extension this is. */
  @Override
  public boolean owns(String path) {
    return false;
  }

  @Override
  public void addRoutes(RoutesConfig config, Endpoints endpoints) {
    for (String path : V2Dialect.MODEL_PATHS) {
      config.post(path + "/generate", endpoints.work(this, routes::generate));
      config.post(path + "/generate_stream", endpoints.work(this, routes::stream));
    }
  }

  @Override
  public int status(ErrorCode code) {
    return switch (code) {
      case INVALID_ARGUMENT, CONTEXT_LENGTH_EXCEEDED -> 422;
      case INTERNAL -> 424; // generation failed
      case DEADLINE_EXCEEDED -> 500; // generation is incomplete
      case UNAUTHENTICATED,
          MODEL_NOT_FOUND,
          UNKNOWN_ROUTE,
          PAYLOAD_TOO_LARGE,
          OVERLOADED,
          CANCELLED,
          UNSUPPORTED,
          MODEL_NOT_READY ->
          code.httpStatus();
    };
  }
}
