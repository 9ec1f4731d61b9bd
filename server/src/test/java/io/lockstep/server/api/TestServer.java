package io.lockstep.server.api;

import io.lockstep.runtime.tensor.DType;
import io.lockstep.server.api.admin.AdminDialect;
import io.lockstep.server.api.console.ConsoleDialect;
import io.lockstep.server.api.openai.OpenAiDialect;
import io.lockstep.server.api.tei.TeiDialect;
import io.lockstep.server.api.tfserving.TfServingDialect;
import io.lockstep.server.api.v2.GenerateDialect;
import io.lockstep.server.api.v2.V2Dialect;
import io.lockstep.server.config.ServerConfig;
import io.lockstep.server.http.HttpServer;
import io.lockstep.server.http.Observation;
import io.lockstep.server.metrics.MetricsOptions;
import io.lockstep.server.metrics.ServingMetrics;
import io.lockstep.server.serving.ModelDescription;
import io.lockstep.server.serving.SystemTicker;
import io.lockstep.server.serving.Ticker;
import io.lockstep.server.tracing.RequestTracer;
import io.restassured.RestAssured;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/** The HTTP side over fakes, on a free port of this machine. */
public final class TestServer implements AutoCloseable {

  private final FakeCatalog catalog;
  private final FakeInferenceService inference;
  private final FakeEmbeddingService embeddings;
  private final FakeGenerationService generation;
  private final FakeReadiness readiness = new FakeReadiness();
  private final ServingMetrics metrics = new ServingMetrics(MetricsOptions.DEFAULTS);
  private final ShiftedTicker ticker = new ShiftedTicker();
  private final HttpServer http;

  /** Time as it is, and as much later as a test wants it to be. */
  private static final class ShiftedTicker implements Ticker {
    private final Ticker system = new SystemTicker();
    private final AtomicLong shiftNanos = new AtomicLong();

    @Override
    public long nanos() {
      return system.nanos() + shiftNanos.get();
    }

    @Override
    public long epochMillis() {
      return system.epochMillis() + TimeUnit.NANOSECONDS.toMillis(shiftNanos.get());
    }
  }

  private TestServer(ServerConfig config, ModelDescription... models) {
    catalog = new FakeCatalog(models);
    inference = new FakeInferenceService(catalog);
    embeddings = new FakeEmbeddingService(catalog);
    generation = new FakeGenerationService(catalog);
    http =
        new HttpServer(
            config,
            List.of(
                new V2Dialect(inference, catalog, readiness, "1.2.3"),
                new GenerateDialect(generation, catalog),
                new TfServingDialect(inference, catalog),
                new OpenAiDialect(embeddings, generation, catalog),
                new TeiDialect(embeddings, catalog, readiness, "1.2.3"),
                new AdminDialect(catalog, (_, _) -> List.of()),
                new ConsoleDialect("1.2.3")),
            readiness,
            new Observation(metrics, RequestTracer.silent(new SystemTicker())),
            ticker);
    http.start();
    RestAssured.replaceFiltersWith(contract(url()));
  }

  /** RestAssured checks every answer that it gets, also in tests that do not think of it. */
  private static OpenApiContract contract(String url) {
    return new OpenApiContract(
        RestAssured.given().noFilters().get(url + "/openapi.json").asByteArray());
  }

  /** With the models that most tests use and the default limits. */
  public static TestServer start() {
    return start(ServerConfig.DEFAULTS.limits());
  }

  /** With these limits. */
  public static TestServer start(ServerConfig.Limits limits) {
    return start(ServerConfig.DEFAULTS.server(), limits);
  }

  /** With the API keys of a file. */
  public static TestServer withKeys(Path file) {
    ServerConfig.Server standard = ServerConfig.DEFAULTS.server();
    return start(
        new ServerConfig.Server(
            standard.host(),
            standard.port(),
            standard.idleTimeout(),
            standard.drainTimeout(),
            file.toString()),
        ServerConfig.DEFAULTS.limits());
  }

  private static TestServer start(ServerConfig.Server address, ServerConfig.Limits limits) {
    ServerConfig defaults = ServerConfig.DEFAULTS;
    return new TestServer(
        new ServerConfig(
            address.withAddress("127.0.0.1", 0),
            defaults.repository(),
            limits,
            defaults.compute(),
            defaults.batching(),
            defaults.generation(),
            defaults.sequences(),
            defaults.warmup(),
            defaults.logging(),
            defaults.metrics(),
            defaults.tracing()),
        withAllTypes(
            FakeModels.echo("floats", FakeModels.spec("x", DType.FLOAT32, -1, 3)),
            FakeModels.echo(
                "two",
                FakeModels.spec("a", DType.INT64, -1, 2),
                FakeModels.spec("b", DType.STRING, -1)),
            FakeModels.echo("texts_bytes", FakeModels.spec("t_bytes", DType.STRING, -1)),
            FakeModels.echo("grid", FakeModels.spec("g", DType.FLOAT32, -1, -1, -1)),
            FakeModels.embedder("minilm", FakeTokenizer.settings()),
            FakeModels.generator("teller", FakeTokenizer.settings().tokenizer())));
  }

  /** The models of a test, and one for each element type that is called by the type's name. */
  private static ModelDescription[] withAllTypes(ModelDescription... models) {
    return Stream.concat(
            Arrays.stream(models),
            Arrays.stream(DType.values())
                .map(dtype ->
                    FakeModels.echo(dtype.name(), FakeModels.spec(dtype.name(), dtype, -1))))
        .toArray(ModelDescription[]::new);
  }

  public FakeCatalog catalog() {
    return catalog;
  }

  public FakeInferenceService inference() {
    return inference;
  }

  public FakeEmbeddingService embeddings() {
    return embeddings;
  }

  public FakeGenerationService generation() {
    return generation;
  }

  public FakeReadiness readiness() {
    return readiness;
  }

  /** Has so much time pass at once. */
  void advance(Duration time) {
    ticker.shiftNanos.addAndGet(time.toNanos());
  }

  public int port() {
    return http.port();
  }

  /** As {@link HttpServer#routes}. */
  List<String> routes() {
    return http.routes();
  }

  public String url() {
    return "http://127.0.0.1:" + port();
  }

  @Override
  public void close() {
    http.close();
    metrics.close();
  }
}
