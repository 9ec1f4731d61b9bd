package io.lockstep.server.api.tfserving;

import io.javalin.config.RoutesConfig;
import io.lockstep.server.api.Dialect;
import io.lockstep.server.api.Endpoints;
import io.lockstep.server.api.Exchange;
import io.lockstep.server.api.VersionStatusJson;
import io.lockstep.server.serving.ErrorCode;
import io.lockstep.server.serving.InferRequest;
import io.lockstep.server.serving.InferResponse;
import io.lockstep.server.serving.InferenceService;
import io.lockstep.server.serving.ModelCatalog;
import io.lockstep.server.serving.ModelDescription;
import io.lockstep.server.serving.ModelStatus;
import io.lockstep.server.serving.Phase;
import io.lockstep.server.serving.ServingException;
import io.lockstep.server.serving.TensorMemory;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** TensorFlow Serving's REST API: predict, the states of versions, and signatures. */
public final class TfServingDialect implements Dialect {

  private static final String MODEL = "/v1/models/{model}";
  private static final String VERSION = MODEL + "/versions/{version}";
  private static final String LABEL = MODEL + "/labels/{label}";

  private final InferenceService inference;
  private final ModelCatalog catalog;

  public TfServingDialect(InferenceService inference, ModelCatalog catalog) {
    this.inference = inference;
    this.catalog = catalog;
  }

  @Override
  public String protocol() {
    return "tfserving";
  }

  @Override
  public boolean owns(String path) {
    return path.startsWith("/v1/models/");
  }

  /** All but the status of a model, which OpenAI's dialect tells under the same path. */
  @Override
  public void addRoutes(RoutesConfig routes, Endpoints endpoints) {
    for (String path : List.of(MODEL, VERSION, LABEL)) {
      routes.post(path + ":predict", endpoints.work(this, this::predict));
      routes.post(path + ":classify", endpoints.info(this, TfServingDialect::refuseExamples));
      routes.post(path + ":regress", endpoints.info(this, TfServingDialect::refuseExamples));
      routes.get(path + "/metadata", endpoints.info(this, this::metadata));
    }
    routes.get(VERSION, endpoints.info(this, this::status));
    routes.get(LABEL, endpoints.info(this, this::status));
  }

  private void predict(Exchange exchange) throws IOException, InterruptedException {
    ModelDescription model = describe(exchange);
    PredictBody body = PredictBody.read(exchange, model.signature());
    InferRequest request =
        InferRequest.builder(model.name(), new TensorMemory(), exchange.clock())
            .version(model.version())
            .inputs(body.inputs())
            .deadline(exchange.deadline(Duration.ZERO))
            .build();
    exchange.clock().mark(Phase.PARSE);
    try (InferResponse response = exchange.await(inference.submit(request))) {
      PredictAnswer answer = new PredictAnswer(response.outputs());
      exchange.sendJson(body.byRow() ? answer::writeRows : answer::writeColumns);
    }
  }

  private void status(Exchange exchange) throws IOException {
    String version = version(exchange);
    String model = exchange.path("model");
    List<ModelStatus> versions =
        catalog.versions(model).stream()
            .filter(status -> status.version().equals(version))
            .toList();
    if (versions.isEmpty()) {
      throw new ServingException(
          ErrorCode.MODEL_NOT_FOUND, "model '%s' has no version '%s'".formatted(model, version));
    }
    exchange.sendJson(json -> {
      json.writeStartObject();
      VersionStatusJson.write(json, versions);
      json.writeEndObject();
    });
  }

  private void metadata(Exchange exchange) throws IOException {
    ModelDescription model = describe(exchange);
    exchange.sendJson(json -> SignatureJson.write(json, model));
  }

  private ModelDescription describe(Exchange exchange) {
    String model = exchange.path("model");
    exchange.about(model);
    return catalog.describe(model, version(exchange));
  }

  /** The version in the path, or null; versions have no labels here. */
  private static @Nullable String version(Exchange exchange) {
    @Nullable String label = exchange.optionalPath("label");
    if (label != null) {
      throw new ServingException(
          ErrorCode.MODEL_NOT_FOUND,
          "there is no label '%s': versions have numbers only".formatted(label));
    }
    return exchange.optionalPath("version");
  }

  private static void refuseExamples(Exchange exchange) {
    throw new ServingException(
        ErrorCode.UNSUPPORTED,
        "classify and regress take tf.Example, which only TensorFlow models have; use predict");
  }
}
