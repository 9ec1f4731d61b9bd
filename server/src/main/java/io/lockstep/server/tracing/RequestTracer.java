package io.lockstep.server.tracing;

import io.lockstep.server.serving.AnsweredRequest;
import io.lockstep.server.serving.BatchInfo;
import io.lockstep.server.serving.Phase;
import io.lockstep.server.serving.PhaseClock;
import io.lockstep.server.serving.Ticker;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.TracerProvider;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapGetter;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Makes a span of every request, with a child for each phase, and goes on with the trace that the
 * client's {@code traceparent} header names (W3C Trace Context). Without a collector nothing is
 * made, and the client's own span stands for the request.
 */
public final class RequestTracer implements AutoCloseable {

  private static final String SCOPE = "io.lockstep.server";
  private static final AttributeKey<String> METHOD = AttributeKey.stringKey("http.request.method");
  private static final AttributeKey<String> ROUTE = AttributeKey.stringKey("http.route");
  private static final AttributeKey<String> PATH = AttributeKey.stringKey("url.path");
  private static final AttributeKey<Long> STATUS =
      AttributeKey.longKey("http.response.status_code");
  private static final AttributeKey<String> REQUEST_ID =
      AttributeKey.stringKey("lockstep.request.id");
  private static final AttributeKey<String> MODEL = AttributeKey.stringKey("lockstep.model");
  private static final AttributeKey<String> VERSION = AttributeKey.stringKey("lockstep.version");
  private static final AttributeKey<String> PROTOCOL = AttributeKey.stringKey("lockstep.protocol");
  private static final AttributeKey<String> OUTCOME = AttributeKey.stringKey("lockstep.outcome");
  private static final AttributeKey<Long> BATCH_ROWS = AttributeKey.longKey("lockstep.batch.rows");
  private static final AttributeKey<Long> BATCH_REQUESTS =
      AttributeKey.longKey("lockstep.batch.requests");
  private static final AttributeKey<Long> BATCH_PADDED =
      AttributeKey.longKey("lockstep.batch.padded_length");
  private static final AttributeKey<String> BATCH_REASON =
      AttributeKey.stringKey("lockstep.batch.close_reason");

  /** The header of a client that traces the request itself. */
  private static final String PARENT = "traceparent";

  /** How long stopping waits for the last spans to be sent. */
  private static final long FLUSH_SECONDS = 5;

  private final @Nullable SdkTracerProvider provider;
  private final Tracer tracer;
  private final Ticker ticker;

  private RequestTracer(@Nullable SdkTracerProvider provider, Ticker ticker) {
    this.provider = provider;
    this.tracer = (provider == null ? TracerProvider.noop() : provider).get(SCOPE);
    this.ticker = ticker;
  }

  /** Exports nothing. */
  public static RequestTracer silent(Ticker ticker) {
    return new RequestTracer(null, ticker);
  }

  /**
   * Exports by OTLP over HTTP.
   *
   * @param endpoint such as {@code http://collector:4318/v1/traces}
   * @param share of the traces that begin here and are kept, 0 to 1; the client decides for its own
   */
  public static RequestTracer exporting(
      String endpoint, double share, String serverVersion, Ticker ticker) {
    Resource resource =
        Resource.getDefault().toBuilder()
            .put("service.name", "lockstep")
            .put("service.version", serverVersion)
            .build();
    return new RequestTracer(
        SdkTracerProvider.builder()
            .setResource(resource)
            .setSampler(Sampler.parentBased(Sampler.traceIdRatioBased(share)))
            .addSpanProcessor(
                BatchSpanProcessor.builder(
                        OtlpHttpSpanExporter.builder().setEndpoint(endpoint).build())
                    .build())
            .build(),
        ticker);
  }

  /** A request arrived with these headers; null when nobody keeps a trace of it. */
  public @Nullable RequestTrace begin(Function<String, @Nullable String> header) {
    if (provider == null && header.apply(PARENT) == null) {
      return null;
    }
    Context parent =
        W3CTraceContextPropagator.getInstance().extract(Context.root(), header, Headers.GETTER);
    long startEpochNanos = TimeUnit.MILLISECONDS.toNanos(ticker.epochMillis());
    Span span =
        tracer
            .spanBuilder("request")
            .setParent(parent)
            .setSpanKind(SpanKind.SERVER)
            .setStartTimestamp(startEpochNanos, TimeUnit.NANOSECONDS)
            .startSpan();
    return new RequestTrace(span, startEpochNanos);
  }

  /**
   * The HTTP side of an answer.
   *
   * @param route the path with its parameters unfilled
   */
  public record Http(String method, String route, String path, int status) {}

  /** The request was answered; its span ends with its last phase. */
  public void finished(RequestTrace trace, Http http, AnsweredRequest request) {
    Span span = trace.span();
    if (!span.isRecording()) {
      return;
    }
    span.updateName(http.method() + " " + http.route());
    span.setAttribute(METHOD, http.method());
    span.setAttribute(ROUTE, http.route());
    span.setAttribute(PATH, http.path());
    span.setAttribute(STATUS, (long) http.status());
    span.setAttribute(REQUEST_ID, request.clock().requestId());
    span.setAttribute(PROTOCOL, request.protocol());
    span.setAttribute(OUTCOME, request.outcome());
    if (request.model() != null) {
      span.setAttribute(MODEL, request.model());
    }
    if (request.version() != null) {
      span.setAttribute(VERSION, request.version());
    }
    if (request.batch() != null) {
      describe(span, request.batch());
    }
    if (http.status() >= 500) {
      span.setStatus(StatusCode.ERROR, request.outcome());
    }
    addPhases(trace, request.clock());
    span.end(trace.startEpochNanos() + request.clock().totalNanos(), TimeUnit.NANOSECONDS);
  }

  private static void describe(Span span, BatchInfo batch) {
    span.setAttribute(BATCH_ROWS, (long) batch.rows());
    span.setAttribute(BATCH_REQUESTS, (long) batch.requests());
    span.setAttribute(BATCH_PADDED, (long) batch.paddedLength());
    span.setAttribute(BATCH_REASON, batch.reason().label());
  }

  /** One child for each phase, end to end: phases follow each other, and a clock only adds up. */
  private void addPhases(RequestTrace trace, PhaseClock clock) {
    Context parent = Context.root().with(trace.span());
    long start = trace.startEpochNanos();
    for (Phase phase : Phase.values()) {
      long nanos = clock.nanos(phase);
      if (nanos > 0) {
        tracer
            .spanBuilder(phase.label())
            .setParent(parent)
            .setStartTimestamp(start, TimeUnit.NANOSECONDS)
            .startSpan()
            .end(start + nanos, TimeUnit.NANOSECONDS);
        start += nanos;
      }
    }
  }

  /** Sends what is left, for a while, and ends the exporter's thread. */
  @Override
  public void close() {
    if (provider != null) {
      provider.shutdown().join(FLUSH_SECONDS, TimeUnit.SECONDS);
    }
  }

  /** Headers by name, of which only those of the propagator are ever asked for. */
  private enum Headers implements TextMapGetter<Function<String, @Nullable String>> {
    GETTER;

    @Override
    public Iterable<String> keys(Function<String, @Nullable String> header) {
      return List.of();
    }

    @Override
    public @Nullable String get(@Nullable Function<String, @Nullable String> header, String key) {
      return header == null ? null : header.apply(key);
    }
  }
}
