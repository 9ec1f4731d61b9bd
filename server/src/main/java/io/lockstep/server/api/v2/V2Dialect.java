package io.lockstep.server.api.v2;

import io.javalin.config.RoutesConfig;
import io.lockstep.server.api.Dialect;
import io.lockstep.server.api.Endpoints;
import io.lockstep.server.serving.InferenceService;
import io.lockstep.server.serving.ModelCatalog;
import io.lockstep.server.serving.Readiness;
import java.util.List;

/** The Open Inference Protocol, version 2. */
public final class V2Dialect implements Dialect {

  /** A model's routes exist with and without the version. */
  static final List<String> MODEL_PATHS =
      List.of("/v2/models/{model}", "/v2/models/{model}/versions/{version}");

  private final InferRoutes infer;
  private final ModelRoutes models;
  private final StatisticsRoutes statistics;
  private final RepositoryRoutes repository;
  private final ServerRoutes server;

  /**
   * The protocol over these services.
   *
   * @param serverVersion as the metadata of the server tells it
   */
  public V2Dialect(
      InferenceService inference, ModelCatalog catalog, Readiness readiness, String serverVersion) {
    infer = new InferRoutes(inference, catalog);
    models = new ModelRoutes(catalog);
    statistics = new StatisticsRoutes(catalog);
    repository = new RepositoryRoutes(catalog);
    server = new ServerRoutes(readiness, serverVersion);
  }

  @Override
  public String protocol() {
    return "v2";
  }

  @Override
  public boolean owns(String path) {
    return path.equals("/v2") || path.startsWith("/v2/");
  }

  @Override
  public void addRoutes(RoutesConfig routes, Endpoints endpoints) {
    routes.get("/v2", endpoints.info(this, server::metadata));
    routes.get("/v2/health/live", endpoints.info(this, server::live));
    routes.get("/v2/health/ready", endpoints.info(this, server::ready));
    routes.get("/v2/models", endpoints.info(this, models::list));
    routes.get("/v2/models/stats", endpoints.info(this, statistics::all));
    for (String path : MODEL_PATHS) {
      routes.get(path, endpoints.info(this, models::metadata));
      routes.get(path + "/ready", endpoints.info(this, models::ready));
      routes.get(path + "/config", endpoints.info(this, models::configuration));
      routes.get(path + "/stats", endpoints.info(this, statistics::ofModel));
      routes.post(path + "/infer", endpoints.work(this, infer::infer));
    }
    routes.post("/v2/repository/index", endpoints.info(this, repository::index));
    routes.post("/v2/repository/models/{model}/load", endpoints.info(this, repository::load));
    routes.post("/v2/repository/models/{model}/unload", endpoints.info(this, repository::unload));
  }
}
