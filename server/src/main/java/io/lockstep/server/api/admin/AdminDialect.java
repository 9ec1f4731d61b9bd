package io.lockstep.server.api.admin;

import io.javalin.config.RoutesConfig;
import io.lockstep.server.api.Dialect;
import io.lockstep.server.api.Endpoints;
import io.lockstep.server.serving.BatchHistory;
import io.lockstep.server.serving.ModelCatalog;

/** Routes under {@code /admin}, which only read. */
public final class AdminDialect implements Dialect {

  private final BatchRoutes batches;
  private final ModelRoutes models;

  public AdminDialect(ModelCatalog catalog, BatchHistory history) {
    this.batches = new BatchRoutes(history);
    this.models = new ModelRoutes(catalog);
  }

  @Override
  public String protocol() {
    return "admin";
  }

  @Override
  public boolean owns(String path) {
    return path.equals("/admin") || path.startsWith("/admin/");
  }

  @Override
  public void addRoutes(RoutesConfig routes, Endpoints endpoints) {
    routes.get("/admin/batches", endpoints.info(this, batches::latest));
    routes.get("/admin/models/{model}", endpoints.info(this, models::explain));
  }
}
