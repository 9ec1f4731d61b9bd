package io.lockstep.server.http;

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

  private final ServerTiming timing;

  JsonErrorHandler(ServerTiming timing) {
    this.timing = timing;
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
    response.getHeaders().put(ServerTiming.HEADER, timing.total(request));
    Content.Sink.write(response, true, body(code), callback);
  }

  /** Only the status in words: Jetty's own messages may quote the request or name classes. */
  private static String body(int status) {
    return "{\"error\":\"HTTP " + status + ": " + HttpStatus.getMessage(status) + "\"}";
  }
}
