package io.lockstep.server.metrics;

import io.lockstep.server.serving.AnsweredRequest;
import io.lockstep.server.serving.TraceReference;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** What the server counts and measures; {@link Meters} lists the meters. */
public final class ServingMetrics implements AutoCloseable {

  /** The label of requests that named no model that exists: clients must not invent series. */
  static final String UNKNOWN = "unknown";

  private final TraceExemplars exemplars = new TraceExemplars();
  private final PrometheusRegistry prometheus = new PrometheusRegistry();
  private final RequestClock clock = new RequestClock();
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT, prometheus, clock, exemplars);
  private final Instruments instruments = new Instruments(registry);
  private final ExpositionFormats formats = ExpositionFormats.init();
  private final List<Alias> aliases = new ArrayList<>();
  private final JvmGcMetrics gcMetrics = new JvmGcMetrics();
  private final Map<Key, VersionMeters> versions = new ConcurrentHashMap<>();
  private final Map<Key, VersionLoad> loads = new ConcurrentHashMap<>();
  private final Map<Key, GenerationLoad> generationLoads = new ConcurrentHashMap<>();
  private final Map<Unanswered, RequestMeters> unanswered = new ConcurrentHashMap<>();
  private final Map<String, Counter> turnedAway = new ConcurrentHashMap<>(); // by reason

  private record Unanswered(String model, String protocol) {}

  private record Key(String model, String version) {
    Tags tags() {
      return Tags.of(Meters.Label.MODEL, model, Meters.Label.VERSION, version);
    }
  }

  public ServingMetrics(MetricsOptions options) {
    if (!options.enabled()) {
      registry.config().meterFilter(MeterFilter.deny());
    }
    // Names that are none to Prometheus: nanoseconds are no base unit, and only histograms count.
    registry
        .config()
        .meterFilter(MeterFilter.denyNameStartsWith("process.cpu.time"))
        .meterFilter(MeterFilter.denyNameStartsWith("system.cpu.count"));
    if (options.tritonNames()) {
      aliases.addAll(AliasNames.TRITON);
    }
    if (options.vllmNames()) {
      aliases.addAll(AliasNames.VLLM);
    }
    new JvmMemoryMetrics().bindTo(registry);
    gcMetrics.bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ClassLoaderMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
    if (ResidentMemory.isKnown()) {
      instruments.gauge(Meters.RESIDENT_MEMORY, Tags.empty(), ResidentMemory::bytes);
    }
    CompilationMXBean compiler = ManagementFactory.getCompilationMXBean();
    if (compiler != null && compiler.isCompilationTimeMonitoringSupported()) {
      instruments.counter(
          Meters.COMPILATION, Tags.empty(), () -> compiler.getTotalCompilationTime() / 1e3);
    }
    // There from the start, so that the first one shows as an increase.
    turnedAway("too_many_requests");
    turnedAway("draining");
  }

  /**
   * What Prometheus scrapes.
   *
   * @param accepted the formats wanted, as in an {@code Accept} header; OpenMetrics has exemplars
   */
  public Scrape scrape(@Nullable String accepted) {
    clock.read();
    ExpositionFormatWriter writer = formats.findWriter(accepted);
    ByteArrayOutputStream body = new ByteArrayOutputStream(1 << 16);
    try {
      writer.write(body, new AliasSnapshots(prometheus.scrape()).with(aliases));
    } catch (IOException impossible) {
      throw new UncheckedIOException("an array takes whatever it is given", impossible);
    }
    return new Scrape(writer.getContentType(), body.toByteArray());
  }

  /**
   * A request was answered, whatever the answer.
   *
   * @param trace to point at from the measurements; null when nobody keeps one
   */
  public void requestFinished(AnsweredRequest request, @Nullable TraceReference trace) {
    clock.read();
    String model = request.model();
    String version = request.version();
    VersionMeters meters =
        model == null || version == null ? null : versions.get(new Key(model, version));
    RequestMeters requests =
        meters == null
            ? unanswered(model, request.protocol())
            : meters.requests(request.protocol());
    if (trace == null) {
      requests.finished(request.outcome(), request.clock());
    } else {
      exemplars.recording(trace, () -> requests.finished(request.outcome(), request.clock()));
    }
  }

  /** A request was refused before anybody looked at which model it is for. */
  public void rejected(String reason) {
    turnedAway(reason).increment();
  }

  private Counter turnedAway(String reason) {
    return turnedAway.computeIfAbsent(
        reason,
        r -> instruments.counter(Meters.REJECTIONS, unknownTags().and(Meters.Label.REASON, r)));
  }

  /** Measures the threads that all models compute on. */
  public void computeOn(ComputeLoad pool) {
    instruments.gauge(Meters.COMPUTE_THREADS, Tags.empty(), pool::threads);
    instruments.counter(Meters.COMPUTE_BUSY, Tags.empty(), () -> pool.busyNanos() / 1e9);
  }

  /** Starts counting for a version; called again for one that was loaded anew. */
  public VersionMeters versionLoaded(String model, String version, VersionLoad load) {
    Key key = new Key(model, version);
    loads.put(key, load);
    if (load instanceof TensorLoad) {
      registerTensors(key);
    }
    return versions.computeIfAbsent(key, this::register);
  }

  /** Starts counting for a version that generates, after {@link #versionLoaded}. */
  public GenerationMeters generationLoaded(String model, String version, GenerationLoad load) {
    Key key = new Key(model, version);
    generationLoads.put(key, load);
    generationGauge(Meters.SEQUENCES_RUNNING, key, GenerationLoad::runningSequences);
    generationGauge(Meters.SEQUENCES_WAITING, key, GenerationLoad::waitingSequences);
    generationGauge(Meters.KV_BLOCKS_USED, key, GenerationLoad::usedBlocks);
    generationGauge(Meters.KV_BLOCKS, key, GenerationLoad::totalBlocks);
    return new GenerationMeters(instruments, key.tags());
  }

  /** Forgets a version, unless {@code load} has been followed by another of the same version. */
  public void versionUnloaded(String model, String version, VersionLoad load) {
    Key key = new Key(model, version);
    if (!loads.remove(key, load)) {
      return;
    }
    versions.remove(key);
    generationLoads.remove(key);
    remove(key);
    if (!isLoaded(model)) {
      unanswered.keySet().removeIf(which -> which.model().equals(model));
      remove(new Key(model, UNKNOWN));
    }
  }

  private void remove(Key key) {
    for (Meter meter : registry.getMeters()) {
      if (key.model().equals(meter.getId().getTag(Meters.Label.MODEL))
          && key.version().equals(meter.getId().getTag(Meters.Label.VERSION))) {
        registry.remove(meter);
      }
    }
  }

  @Override
  public void close() {
    gcMetrics.close();
    registry.close();
  }

  /** Requests that no version answered, of a model that exists or of none. */
  private RequestMeters unanswered(@Nullable String model, String protocol) {
    String known = model != null && isLoaded(model) ? model : UNKNOWN;
    return unanswered.computeIfAbsent(
        new Unanswered(known, protocol),
        which ->
            new RequestMeters(
                instruments,
                new Key(known, UNKNOWN).tags().and(Meters.Label.PROTOCOL, which.protocol())));
  }

  private boolean isLoaded(String model) {
    return versions.keySet().stream().anyMatch(key -> key.model().equals(model));
  }

  private static Tags unknownTags() {
    return new Key(UNKNOWN, UNKNOWN).tags();
  }

  private VersionMeters register(Key key) {
    gauge(Meters.QUEUE_ROWS, key, VersionLoad::queuedRows);
    gauge(Meters.QUEUE_REQUESTS, key, VersionLoad::queuedRequests);
    gauge(Meters.QUEUE_CAPACITY, key, VersionLoad::queueCapacityRows);
    gauge(Meters.MODEL_READY, key, _ -> 1);
    memory("weights", key, VersionLoad::weightBytes);
    memory("mapped", key, VersionLoad::mappedBytes);
    memory("activations", key, VersionLoad::activationBytes);
    return new VersionMeters(instruments, key.tags());
  }

  private void registerTensors(Key key) {
    gauge(Meters.PLANS, key, ofTensors(TensorLoad::keptPlans));
    memory("sequences", key, ofTensors(TensorLoad::sequenceBytes));
    gauge(Meters.SEQUENCES_LIVE, key, ofTensors(TensorLoad::liveSequences));
    lookups("hit", key, ofTensors(TensorLoad::planHits));
    lookups("miss", key, ofTensors(TensorLoad::planMisses));
  }

  private static ToDoubleFunction<VersionLoad> ofTensors(ToDoubleFunction<TensorLoad> value) {
    return load -> load instanceof TensorLoad tensors ? value.applyAsDouble(tensors) : 0;
  }

  private void gauge(Meters meter, Key key, ToDoubleFunction<VersionLoad> value) {
    instruments.gauge(meter, key.tags(), () -> current(key, value));
  }

  private void memory(String kind, Key key, ToDoubleFunction<VersionLoad> value) {
    instruments.gauge(
        Meters.MODEL_MEMORY, key.tags().and(Meters.Label.KIND, kind), () -> current(key, value));
  }

  private void lookups(String result, Key key, ToDoubleFunction<VersionLoad> value) {
    instruments.counter(
        Meters.PLAN_LOOKUPS,
        key.tags().and(Meters.Label.RESULT, result),
        () -> current(key, value));
  }

  /** Gauges look the load up, because one version may be loaded anew while it is measured. */
  private double current(Key key, ToDoubleFunction<VersionLoad> value) {
    VersionLoad load = loads.get(key);
    return load == null ? 0 : value.applyAsDouble(load);
  }

  private void generationGauge(Meters meter, Key key, ToDoubleFunction<GenerationLoad> value) {
    instruments.gauge(
        meter,
        key.tags(),
        () -> {
          GenerationLoad load = generationLoads.get(key);
          return load == null ? 0 : value.applyAsDouble(load);
        });
  }
}
