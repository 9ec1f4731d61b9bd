package io.lockstep.server.tracing;

import io.lockstep.server.serving.TraceReference;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import java.util.Optional;

/** The span of one request, from its arrival to {@link RequestTracer#finished}. */
public final class RequestTrace {

  private final Span span;
  private final long startEpochNanos;

  RequestTrace(Span span, long startEpochNanos) {
    this.span = span;
    this.startEpochNanos = startEpochNanos;
  }

  Span span() {
    return span;
  }

  /** Nanoseconds since 1970. */
  long startEpochNanos() {
    return startEpochNanos;
  }

  /**
   * What to point at: this request's span when it is exported, or the client's when only the client
   * keeps the trace; nothing when nobody does.
   */
  public Optional<TraceReference> reference() {
    SpanContext context = span.getSpanContext();
    return context.isValid() && context.isSampled()
        ? Optional.of(new TraceReference(context.getTraceId(), context.getSpanId()))
        : Optional.empty();
  }
}
