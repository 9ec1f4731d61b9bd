package io.lockstep.server.api;

import io.javalin.http.Context;
import io.javalin.http.Handler;
import io.javalin.http.HttpResponseException;
import io.lockstep.server.serving.PhaseClock;
import io.lockstep.server.serving.ServingException;
import io.lockstep.server.serving.Ticker;
import java.io.IOException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Turns endpoints into handlers: clock, admission, error answers and counting, in one place. */
public final class Endpoints {

  /** Names a request; on the answer before any endpoint is asked. */
  public static final String REQUEST_ID = "x-request-id";

  private final ApiLimits limits;
  private final Gate gate;
  private final Connections connections;
  private final RequestObserver observer;
  private final Ticker ticker;
  private final Json json;

  public Endpoints(
      ApiLimits limits,
      Gate gate,
      Connections connections,
      RequestObserver observer,
      Ticker ticker) {
    this.limits = limits;
    this.gate = gate;
    this.connections = connections;
    this.observer = observer;
    this.ticker = ticker;
    this.json = new Json(limits);
  }

  /** A handler that runs models: admitted one by one, refused while draining, and counted. */
  public Handler work(Dialect dialect, Endpoint endpoint) {
    return context -> {
      Exchange exchange = exchange(context);
      String outcome = "success";
      try {
        gate.enter();
        try {
          endpoint.answer(exchange);
        } finally {
          gate.leave();
        }
      } catch (Exception problem) {
        ServingException failure = fail(exchange, dialect, problem);
        outcome = failure.code().name().toLowerCase(Locale.ROOT);
      } finally {
        observer.finished(context, exchange.answered(dialect.protocol(), outcome));
      }
    };
  }

  /** A handler that only tells something, which is always allowed. */
  public Handler info(Dialect dialect, Endpoint endpoint) {
    return context -> {
      Exchange exchange = exchange(context);
      try {
        endpoint.answer(exchange);
      } catch (Exception problem) {
        fail(exchange, dialect, problem);
      }
    };
  }

  /** Answers with {@code problem}, for failures outside of any endpoint. */
  public void fail(Context context, Dialect dialect, Exception problem) {
    fail(exchange(context), dialect, problem);
  }

  private Exchange exchange(Context context) {
    @Nullable String id = context.res().getHeader(REQUEST_ID);
    return new Exchange(
        context,
        limits,
        json,
        connections,
        PhaseClock.start(ticker, id == null ? "" : id),
        ticker.epochMillis());
  }

  private static ServingException fail(Exchange exchange, Dialect dialect, Exception problem) {
    if (problem instanceof InterruptedException) {
      Thread.currentThread().interrupt();
    }
    ServingException failure = ErrorResponses.of(problem);
    try {
      int status =
          problem instanceof HttpResponseException http
              ? http.getStatus()
              : dialect.status(failure.code());
      exchange.sendError(dialect, status, failure);
    } catch (IOException clientGone) {
      // The error answer cannot be written either; the connection is closed already.
      return failure;
    }
    return failure;
  }
}
