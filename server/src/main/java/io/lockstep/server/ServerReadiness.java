package io.lockstep.server;

import io.lockstep.server.serving.ModelCatalog;
import io.lockstep.server.serving.ModelStatus;
import io.lockstep.server.serving.Readiness;
import java.util.List;

/** Ready after every model has been tried, unless all of them failed; not ready while draining. */
final class ServerReadiness implements Readiness {

  private final ModelCatalog catalog;
  private volatile boolean tried;
  private volatile boolean draining;

  ServerReadiness(ModelCatalog catalog) {
    this.catalog = catalog;
  }

  void modelsTried() {
    tried = true;
  }

  void drain() {
    draining = true;
  }

  @Override
  public boolean isReady() {
    if (!tried || draining) {
      return false;
    }
    List<ModelStatus> models = catalog.index();
    return models.isEmpty() || models.stream().anyMatch(ModelStatus::isReady);
  }

  @Override
  public boolean isDraining() {
    return draining;
  }
}
