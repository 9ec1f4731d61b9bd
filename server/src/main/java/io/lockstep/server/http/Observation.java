package io.lockstep.server.http;

import io.javalin.http.Context;
import io.lockstep.server.api.RequestObserver;
import io.lockstep.server.metrics.ServingMetrics;
import io.lockstep.server.serving.AnsweredRequest;
import io.lockstep.server.tracing.RequestTrace;
import io.lockstep.server.tracing.RequestTracer;
import org.jspecify.annotations.Nullable;

/** Everybody who is told of requests: meters, traces and, by way of the context, the access log. */
public record Observation(ServingMetrics metrics, RequestTracer tracer) implements RequestObserver {

  private static final String TRACE = "lockstep.trace";
  private static final String ANSWERED = "lockstep.answered";
  private static final String LOGGED = "lockstep.logged";

  /** Has the access log find what {@link #finished} will be told of this request. */
  static void keep(Context context) {
    context.attribute(LOGGED, true);
  }

  /** A request arrived. */
  void begin(Context context) {
    RequestId.echo(context);
    @Nullable RequestTrace trace = tracer.begin(context::header);
    if (trace != null) {
      context.attribute(TRACE, trace);
    }
  }

  @Override
  public void finished(Context context, AnsweredRequest request) {
    @Nullable RequestTrace trace = context.attribute(TRACE);
    metrics.requestFinished(request, trace == null ? null : trace.reference().orElse(null));
    if (trace != null) {
      tracer.finished(
          trace,
          new RequestTracer.Http(
              context.method().name(), route(context), context.path(), context.statusCode()),
          request);
    }
    if (context.attribute(LOGGED) != null) {
      context.attribute(ANSWERED, request);
    }
  }

  /** What {@link #finished} was told, if it was to be kept; null for requests not for work. */
  static @Nullable AnsweredRequest answered(Context context) {
    return context.attribute(ANSWERED);
  }

  /** The trace that the request belongs to, if anybody keeps it. */
  static @Nullable RequestTrace trace(Context context) {
    return context.attribute(TRACE);
  }

  private static String route(Context context) {
    var endpoint = context.endpoints().lastHttpEndpoint();
    return endpoint == null ? context.path() : endpoint.path;
  }

  @Override
  public void rejected(String reason) {
    metrics.rejected(reason);
  }
}
