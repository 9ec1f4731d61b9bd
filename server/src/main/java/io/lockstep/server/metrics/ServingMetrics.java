package io.lockstep.server.metrics;

import io.lockstep.server.serving.CloseReason;
import io.lockstep.server.serving.Phase;
import io.lockstep.server.serving.PhaseClock;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Every meter of the server: its name, unit and tags. Prometheus writes dots as underscores and
 * adds {@code _seconds}, {@code _bytes} or {@code _total}, so {@code lockstep.request.phase} is
 * scraped as {@code lockstep_request_phase_seconds}.
 */
public final class ServingMetrics implements AutoCloseable {

  /** Requests answered, by outcome: {@code success} or an error code in lower case. */
  static final String REQUESTS = "lockstep.requests";

  /** From arrival to the last byte of the answer. */
  static final String REQUEST_DURATION = "lockstep.request.duration";

  /** Time in each phase of requests that succeeded. */
  static final String REQUEST_PHASE = "lockstep.request.phase";

  /** Requests refused before they were admitted, by reason. */
  static final String REJECTIONS = "lockstep.rejections";

  /** Requests that left the queue, or a run, because the client had left. */
  static final String CANCELLATIONS = "lockstep.cancellations";

  /** Requests whose deadline passed while they waited. */
  static final String EXPIRATIONS = "lockstep.expirations";

  /** Runs that failed for a reason that is not a request's fault. */
  static final String FAULTS = "lockstep.run.faults";

  /** Rows of each run. */
  static final String BATCH_ROWS = "lockstep.batch.rows";

  /** Batches by what closed them. */
  static final String BATCH_CLOSES = "lockstep.batch.closes";

  /** Positions along the length axis that carried a request's own values. */
  static final String VALID_ELEMENTS = "lockstep.batch.valid.elements";

  /** Positions along the length axis that were computed for nothing. */
  static final String PADDING_ELEMENTS = "lockstep.batch.padding.elements";

  static final String QUEUE_ROWS = "lockstep.queue.rows";
  static final String QUEUE_REQUESTS = "lockstep.queue.requests";

  /** Native memory of a model version, by kind: weights, mapped, activations. */
  static final String MODEL_MEMORY = "lockstep.model.memory";

  static final String MODEL = "model";
  static final String VERSION = "version";
  static final String PROTOCOL = "protocol";
  static final String OUTCOME = "outcome";
  static final String PHASE = "phase";
  static final String REASON = "reason";
  static final String KIND = "kind";

  /** The tag of requests that named no model that exists: clients must not invent time series. */
  static final String UNKNOWN = "unknown";

  /** Upper bounds of the duration histograms: 35 from 15 µs, each 1.5 times the one before. */
  static final Duration[] DURATION_BUCKETS = durationBuckets();

  private static final double[] ROW_BUCKETS = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024};

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics gcMetrics = new JvmGcMetrics();
  private final Map<Key, VersionMeters> versions = new ConcurrentHashMap<>();
  private final Map<Key, VersionLoad> loads = new ConcurrentHashMap<>();

  private record Key(String model, String version) {
    Tags tags() {
      return Tags.of(MODEL, model, VERSION, version);
    }
  }

  public ServingMetrics() {
    new JvmMemoryMetrics().bindTo(registry);
    gcMetrics.bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ClassLoaderMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new UptimeMetrics().bindTo(registry);
  }

  /** The text that Prometheus scrapes, format 0.0.4. */
  public String scrape() {
    return registry.scrape();
  }

  /**
   * A request was answered, whatever the answer.
   *
   * @param model the name in the request, null when it never got so far
   * @param version the version that answered, null when none did
   * @param protocol v2, tfserving, openai, tei
   * @param outcome {@code success}, or the error code in lower case
   */
  public void requestFinished(
      @Nullable String model,
      @Nullable String version,
      String protocol,
      String outcome,
      PhaseClock clock) {
    Tags tags = knownTags(model, version).and(PROTOCOL, protocol);
    registry.counter(REQUESTS, tags.and(OUTCOME, outcome)).increment();
    timer(REQUEST_DURATION, tags).record(clock.totalNanos(), TimeUnit.NANOSECONDS);
    if (!outcome.equals("success")) {
      return;
    }
    for (Phase phase : Phase.values()) {
      long nanos = clock.nanos(phase);
      if (nanos > 0) {
        timer(REQUEST_PHASE, tags.and(PHASE, phase.label())).record(nanos, TimeUnit.NANOSECONDS);
      }
    }
  }

  /** A request was refused before it was admitted: {@code queue_full}, {@code too_many}, … */
  public void rejected(String reason) {
    registry.counter(REJECTIONS, REASON, reason).increment();
  }

  /** Starts counting for a version; called again for one that was loaded anew. */
  public VersionMeters versionLoaded(String model, String version, VersionLoad load) {
    Key key = key(model, version);
    loads.put(key, load);
    return versions.computeIfAbsent(key, this::register);
  }

  /** Forgets a version, unless {@code load} has been followed by another of the same version. */
  public void versionUnloaded(String model, String version, VersionLoad load) {
    Key key = key(model, version);
    if (!loads.remove(key, load)) {
      return;
    }
    versions.remove(key);
    for (Meter meter : registry.getMeters()) {
      if (model.equals(meter.getId().getTag(MODEL))
          && version.equals(meter.getId().getTag(VERSION))) {
        registry.remove(meter);
      }
    }
  }

  @Override
  public void close() {
    gcMetrics.close();
    registry.close();
  }

  private Tags knownTags(@Nullable String model, @Nullable String version) {
    if (model != null && version != null) {
      Key key = key(model, version);
      if (versions.containsKey(key)) {
        return key.tags();
      }
    }
    return key(UNKNOWN, UNKNOWN).tags();
  }

  private VersionMeters register(Key key) {
    Tags tags = key.tags();
    gauge(QUEUE_ROWS, tags, key, VersionLoad::queuedRows);
    gauge(QUEUE_REQUESTS, tags, key, VersionLoad::queuedRequests);
    memoryGauge(tags.and(KIND, "weights"), key, VersionLoad::weightBytes);
    memoryGauge(tags.and(KIND, "mapped"), key, VersionLoad::mappedBytes);
    memoryGauge(tags.and(KIND, "activations"), key, VersionLoad::activationBytes);
    Map<CloseReason, Counter> closes = new EnumMap<>(CloseReason.class);
    for (CloseReason reason : CloseReason.values()) {
      closes.put(reason, registry.counter(BATCH_CLOSES, tags.and(REASON, reason.label())));
    }
    return new VersionMeters(
        DistributionSummary.builder(BATCH_ROWS)
            .tags(tags)
            .serviceLevelObjectives(ROW_BUCKETS)
            .register(registry),
        closes,
        registry.counter(VALID_ELEMENTS, tags),
        registry.counter(PADDING_ELEMENTS, tags),
        registry.counter(CANCELLATIONS, tags),
        registry.counter(EXPIRATIONS, tags),
        registry.counter(FAULTS, tags));
  }

  private void gauge(String name, Tags tags, Key key, ToDoubleFunction<VersionLoad> value) {
    Gauge.builder(name, () -> current(key, value)).tags(tags).register(registry);
  }

  private void memoryGauge(Tags tags, Key key, ToDoubleFunction<VersionLoad> value) {
    Gauge.builder(MODEL_MEMORY, () -> current(key, value))
        .tags(tags)
        .baseUnit("bytes")
        .register(registry);
  }

  /** Gauges look the load up, because one version may be loaded anew while it is measured. */
  private double current(Key key, ToDoubleFunction<VersionLoad> value) {
    VersionLoad load = loads.get(key);
    return load == null ? 0 : value.applyAsDouble(load);
  }

  private Timer timer(String name, Tags tags) {
    return Timer.builder(name)
        .tags(tags)
        .serviceLevelObjectives(DURATION_BUCKETS)
        .register(registry);
  }

  private static Key key(String model, String version) {
    return new Key(model, version);
  }

  private static Duration[] durationBuckets() {
    double nanos = 15_000;
    List<Duration> bounds = new ArrayList<>();
    for (int i = 0; i < 35; i++) {
      bounds.add(Duration.ofNanos(Math.round(nanos)));
      nanos *= 1.5;
    }
    return bounds.toArray(Duration[]::new);
  }
}
