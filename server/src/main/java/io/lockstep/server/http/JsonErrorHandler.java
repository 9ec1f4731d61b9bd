package io.lockstep.server.http;

import io.lockstep.server.serving.Ticker;
import java.util.Locale;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Errors that are found before a request has a route, such as a malformed request line or headers
 * that are too large: {@code {"error": "..."}}, which most of the protocols use.
 */
final class JsonErrorHandler extends ErrorHandler {

  private static final String JSON = "application/json";

  private final Ticker ticker;

  JsonErrorHandler(Ticker ticker) {
    this.ticker = ticker;
  }

  @Override
  protected void generateResponse(
      Request request,
      Response response,
      int code,
      @Nullable String message,
      @Nullable Throwable cause,
      Callback callback) {
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, JSON);
    response
        .getHeaders()
        .put(RequestId.HEADER, RequestId.of(request.getHeaders().get(RequestId.HEADER)));
    long nanos = ticker.nanos() - request.getBeginNanoTime();
    response
        .getHeaders()
        .put("Server-Timing", String.format(Locale.ROOT, "total;dur=%.3f", nanos / 1e6));
    Content.Sink.write(response, true, body(code), callback);
  }

  /** Only the status in words: Jetty's own messages may quote the request or name classes. */
  private static String body(int status) {
    return "{\"error\":\"HTTP " + status + ": " + HttpStatus.getMessage(status) + "\"}";
  }
}
