package io.lockstep.server.http;

import io.javalin.http.Context;
import io.lockstep.server.serving.Ticker;
import java.util.Locale;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.server.Request;

/** The header of answers that no handler wrote, which would have told its phases. */
record ServerTiming(Ticker ticker) {

  static final String HEADER = "Server-Timing";

  /** Adds the total where nobody has: to answers to HEAD, which Javalin gives by itself. */
  void complete(Context context) {
    if (!context.res().isCommitted() && context.res().getHeader(HEADER) == null) {
      Request request = ServletContextRequest.getServletContextRequest(context.req());
      context.header(HEADER, total(request));
    }
  }

  /** The time since the request began. */
  String total(Request request) {
    long nanos = ticker.nanos() - request.getBeginNanoTime();
    return String.format(Locale.ROOT, "total;dur=%.3f", nanos / 1e6);
  }
}
