package io.lockstep.server.metrics;

import io.lockstep.server.serving.TraceReference;
import io.prometheus.metrics.tracer.common.SpanContext;
import org.jspecify.annotations.Nullable;

/** Tells the registry which trace the measurements of the moment belong to. */
final class TraceExemplars implements SpanContext {

  private final ScopedValue<TraceReference> current = ScopedValue.newInstance();

  /** Records, with exemplars that point at {@code trace}. */
  void recording(TraceReference trace, Runnable measurements) {
    ScopedValue.where(current, trace).run(measurements);
  }

  @Override
  public @Nullable String getCurrentTraceId() {
    return current.isBound() ? current.get().traceId() : null;
  }

  @Override
  public @Nullable String getCurrentSpanId() {
    return current.isBound() ? current.get().spanId() : null;
  }

  /** Traces that nobody keeps never get here. */
  @Override
  public boolean isCurrentSpanSampled() {
    return current.isBound();
  }

  /** A trace needs not know that it became an example. */
  @Override
  public void markCurrentSpanAsExemplar() {}
}
