package io.lockstep.server;

import io.lockstep.runtime.DecoderModel;
import io.lockstep.runtime.GraphModel;
import io.lockstep.runtime.KernelBackends;
import io.lockstep.runtime.ModelLoader;
import io.lockstep.runtime.RuntimeOptions;
import io.lockstep.runtime.RuntimeOptions.KernelChoice;
import io.lockstep.runtime.kernel.ThreadedPool;
import io.lockstep.server.api.Dialect;
import io.lockstep.server.api.admin.AdminDialect;
import io.lockstep.server.api.console.ConsoleDialect;
import io.lockstep.server.api.openai.OpenAiDialect;
import io.lockstep.server.api.tei.TeiDialect;
import io.lockstep.server.api.tfserving.TfServingDialect;
import io.lockstep.server.api.v2.GenerateDialect;
import io.lockstep.server.api.v2.V2Dialect;
import io.lockstep.server.config.ConfigLoader;
import io.lockstep.server.config.ServerConfig;
import io.lockstep.server.dispatch.GenerationServer;
import io.lockstep.server.dispatch.QueuedEmbeddingService;
import io.lockstep.server.dispatch.QueuedGenerationService;
import io.lockstep.server.dispatch.QueuedInferenceService;
import io.lockstep.server.dispatch.RecentBatches;
import io.lockstep.server.dispatch.SequenceHomes;
import io.lockstep.server.dispatch.VersionServer;
import io.lockstep.server.http.HttpServer;
import io.lockstep.server.http.Observation;
import io.lockstep.server.metrics.ComputeLoad;
import io.lockstep.server.metrics.MetricsOptions;
import io.lockstep.server.metrics.ServingMetrics;
import io.lockstep.server.registry.LoadedDecoder;
import io.lockstep.server.registry.LoadedGraph;
import io.lockstep.server.registry.LoadedVersion;
import io.lockstep.server.registry.LoaderThreads;
import io.lockstep.server.registry.ModelFolder;
import io.lockstep.server.registry.ModelRegistry;
import io.lockstep.server.registry.Served;
import io.lockstep.server.registry.VersionLoader;
import io.lockstep.server.serving.ModelStatus;
import io.lockstep.server.serving.SystemTicker;
import io.lockstep.server.serving.Ticker;
import io.lockstep.server.tracing.RequestTracer;
import java.lang.System.Logger;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A whole server: puts the parts together, starts them, and stops them in the right order. */
public final class LockstepServer implements AutoCloseable {

  private static final Logger LOGGER = System.getLogger(LockstepServer.class.getName());

  private static final int MODELS_AT_ONCE = 4;

  private final ServerConfig config;
  private final Ticker ticker = new SystemTicker();
  private final StartTimes times = new StartTimes(ticker);
  private final ServingMetrics metrics;
  private final RequestTracer tracer;
  private final RecentBatches recent;
  private final SequenceHomes homes = new SequenceHomes();
  private final ExecutorService loaderThread =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().name("model-loader").daemon().factory());

  /** Of models that load at once; each takes memory beyond its own meanwhile. */
  private final ExecutorService modelThreads =
      Executors.newFixedThreadPool(
          Math.min(MODELS_AT_ONCE, Runtime.getRuntime().availableProcessors()),
          Thread.ofPlatform().name("model-loader-", 1).daemon().factory());

  /** Of versions that finish what they have; they only wait. */
  private final ExecutorService drains = Executors.newVirtualThreadPerTaskExecutor();

  private final ScheduledExecutorService pollThread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("repository-poll").daemon().factory());
  private final ThreadedPool pool;
  private final ModelRegistry<Served> registry;
  private final QueuedInferenceService inference;
  private final QueuedEmbeddingService embeddings;
  private final QueuedGenerationService generation;
  private final ServerReadiness readiness;
  private volatile @Nullable HttpServer http;
  private volatile @Nullable Runnable firstLoading;
  private volatile @Nullable ScheduledFuture<?> polling;

  private LockstepServer(ServerConfig config, Path models) {
    this.config = config;
    ServerConfig.Metrics measured = config.metrics();
    this.metrics =
        new ServingMetrics(
            new MetricsOptions(measured.enabled(), measured.tritonNames(), measured.vllmNames()));
    this.recent = new RecentBatches(measured.recentBatches());
    ServerConfig.Tracing traced = config.tracing();
    this.tracer =
        traced.endpoint().isEmpty()
            ? RequestTracer.silent(ticker)
            : RequestTracer.exporting(
                traced.endpoint(), traced.sampleShare(), Version.number(), ticker);
    int threads = config.compute().threads();
    this.pool =
        new ThreadedPool(threads == 0 ? Runtime.getRuntime().availableProcessors() : threads);
    metrics.computeOn(load(pool));
    ModelFolder folder = new ModelFolder(models);
    RuntimeOptions options =
        new RuntimeOptions(
            kernels(config),
            pool,
            config.compute().planCache(),
            config.compute().maxTensor().bytes());
    this.registry =
        new ModelRegistry<>(
            folder,
            new VersionLoader(
                folder,
                config,
                opener(options, KernelBackends.select(options.kernels()).emitted()),
                ticker),
            this::serve,
            config.server().drainTimeout(),
            ticker,
            new LoaderThreads(loaderThread, modelThreads, drains));
    this.inference = new QueuedInferenceService(registry, homes);
    this.embeddings = new QueuedEmbeddingService(registry, inference);
    this.generation = new QueuedGenerationService(registry);
    this.readiness = new ServerReadiness(registry);
  }

  private static VersionLoader.Opener opener(RuntimeOptions options, boolean emitted) {
    return new VersionLoader.Opener() {
      @Override
      public GraphModel open(Path file) {
        return ModelLoader.load(file, options);
      }

      @Override
      public boolean isEmitted() {
        return emitted;
      }

      @Override
      public DecoderModel openDecoder(Path file, boolean quantizes) {
        return quantizes
            ? DecoderModel.loadQuantized(file, options)
            : ModelLoader.loadDecoder(file, options);
      }
    };
  }

  private Served serve(LoadedVersion version) {
    return switch (version) {
      case LoadedGraph graph ->
          VersionServer.factory(config.limits().maxTensor().bytes(), ticker, metrics, recent, homes)
              .serve(graph);
      case LoadedDecoder decoder -> GenerationServer.serve(decoder, ticker, metrics);
    };
  }

  private static ComputeLoad load(ThreadedPool pool) {
    return new ComputeLoad() {
      @Override
      public int threads() {
        return pool.threads();
      }

      @Override
      public long busyNanos() {
        return pool.busyNanos();
      }
    };
  }

  private List<Dialect> dialects() {
    return List.of(
        new V2Dialect(inference, registry, readiness, Version.number()),
        new GenerateDialect(generation, registry),
        new TfServingDialect(inference, registry),
        new OpenAiDialect(embeddings, generation, registry),
        new TeiDialect(embeddings, registry, readiness, Version.number()),
        new AdminDialect(registry, recent),
        new ConsoleDialect(Version.number()));
  }

  /**
   * Starts to listen; no model is loaded yet, so the server is alive but not ready.
   *
   * @param models the folder to serve
   */
  public static LockstepServer start(ServerConfig config, Path models) {
    LockstepServer server = new LockstepServer(config, models);
    server.listen();
    return server;
  }

  /** The same, with models loading meanwhile; {@link #loadModels} waits for them. */
  static LockstepServer startLoading(ServerConfig config, Path models) {
    // A second processor has nothing to do yet; loading would begin with this otherwise.
    Thread.ofPlatform()
        .name("prepare")
        .daemon()
        .start(() -> {
          ModelLoader.prepare(kernels(config));
          ConfigLoader.prepare();
        });
    LockstepServer server = new LockstepServer(config, models);
    server.firstLoading = server.registry.beginRefresh();
    server.listen();
    return server;
  }

  private void listen() {
    HttpServer server =
        new HttpServer(config, dialects(), readiness, new Observation(metrics, tracer), ticker);
    server.start();
    http = server;
    times.listening();
  }

  /** Loads the models of the folder, says that the server is ready, and goes on watching it. */
  public void loadModels() {
    Runnable loading = firstLoading;
    (loading == null ? registry.beginRefresh() : loading).run();
    readiness.modelsTried();
    List<ModelStatus> models = registry.index();
    long ready = models.stream().filter(ModelStatus::isReady).count();
    LOGGER.log(
        Logger.Level.INFO,
        "Lockstep {0} is ready at http://{1}:{2} {3}: {4} models ready, {5} failed; {6}; "
            + "{7} threads",
        Version.number(),
        config.server().host(),
        Integer.toString(port()),
        times.ready(),
        ready,
        models.size() - ready,
        KernelBackends.select(kernels(config)).reason(),
        pool.threads());
    Duration interval = config.repository().pollInterval();
    if (interval.isPositive()) {
      polling =
          pollThread.scheduleWithFixedDelay(
              this::poll, interval.toNanos(), interval.toNanos(), TimeUnit.NANOSECONDS);
    }
  }

  /** The port it listens on. */
  public int port() {
    HttpServer listening = http;
    if (listening == null) {
      throw new IllegalStateException("the server does not listen");
    }
    return listening.port();
  }

  /** A look at the folder that went wrong must not be the last one. */
  private void poll() {
    try {
      registry.refresh();
    } catch (RuntimeException problem) {
      LOGGER.log(Logger.Level.WARNING, "looking at the model folder failed", problem);
    }
  }

  private static KernelChoice kernels(ServerConfig config) {
    return switch (config.compute().kernels()) {
      case AUTO -> KernelChoice.AUTO;
      case SCALAR -> KernelChoice.SCALAR;
      case VECTOR -> KernelChoice.VECTOR;
      case JIT -> KernelChoice.JIT;
    };
  }

  /**
   * Drains: new requests are refused, those admitted are answered or meet their deadline or the
   * drain time-out, then everything is given back.
   */
  @Override
  public void close() {
    LOGGER.log(Logger.Level.INFO, "draining");
    readiness.drain();
    inference.drain();
    generation.drain();
    ScheduledFuture<?> scheduled = polling;
    if (scheduled != null) {
      scheduled.cancel(false);
    }
    pollThread.shutdown();
    registry.close();
    HttpServer listening = http;
    if (listening != null) {
      listening.close();
    }
    loaderThread.shutdown();
    modelThreads.shutdown();
    drains.shutdown();
    pool.close();
    tracer.close();
    metrics.close();
  }
}
