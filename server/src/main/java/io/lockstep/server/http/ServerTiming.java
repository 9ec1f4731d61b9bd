package io.lockstep.server.http;

import io.lockstep.server.serving.Ticker;
import java.util.Locale;
import org.eclipse.jetty.server.Request;

/** The header of answers that no handler writes, which would tell its phases. */
record ServerTiming(Ticker ticker) {

  static final String HEADER = "Server-Timing";

  /** The time since the request began. */
  String total(Request request) {
    long nanos = ticker.nanos() - request.getBeginNanoTime();
    return String.format(Locale.ROOT, "total;dur=%.3f", nanos / 1e6);
  }
}
