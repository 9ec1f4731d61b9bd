package io.lockstep.server.api.tei;

import io.lockstep.server.api.Exchange;
import io.lockstep.server.serving.ErrorCode;
import io.lockstep.server.serving.ModelCatalog;
import io.lockstep.server.serving.ModelDescription;
import io.lockstep.server.serving.ServingException;
import io.lockstep.server.serving.TextSettings;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the model of a request: the protocol knows one model a server, so the routes name none;
 * under {@code /models/{model}} they name one.
 */
final class ModelChoice {

  private final ModelCatalog catalog;

  ModelChoice(ModelCatalog catalog) {
    this.catalog = catalog;
  }

  ModelDescription of(Exchange exchange) {
    @Nullable String name = exchange.optionalPath("model");
    ModelDescription model =
        name == null
            ? catalog
                .defaultEmbeddingModel()
                .orElseThrow(() ->
                    new ServingException(
                        ErrorCode.MODEL_NOT_FOUND, "no model that embeds texts is ready"))
            : catalog.describe(name, null);
    exchange.about(model.name());
    return model;
  }

  /** The model that generates text: of the route, else the one named, else the first by name. */
  ModelDescription generatorOf(Exchange exchange, @Nullable String named) {
    @Nullable String route = exchange.optionalPath("model");
    @Nullable String name = route == null ? named : route;
    ModelDescription model =
        name == null
            ? catalog.ready().stream()
                .filter(candidate -> candidate.generation().isPresent())
                .findFirst()
                .orElseThrow(() ->
                    new ServingException(
                        ErrorCode.MODEL_NOT_FOUND, "no model that generates text is ready"))
            : catalog.describe(name, null);
    exchange.about(model.name());
    return model;
  }

  /** How the chosen model treats texts. */
  TextSettings textOf(Exchange exchange) {
    ModelDescription model = of(exchange);
    return model
        .text()
        .orElseThrow(
            () -> ServingException.invalid("model '" + model.name() + "' has no tokenizer"));
  }
}
