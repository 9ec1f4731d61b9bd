package io.lockstep.server.api;

import jakarta.servlet.http.HttpServletRequest;

/** The connections that requests came on. */
public interface Connections {

  /**
   * Runs {@code gone}, at most once and on any thread, when the client of {@code request} closes
   * its connection before the watch is closed. The body must have been read to its end.
   */
  Watch watch(HttpServletRequest request, Runnable gone);

  /** Closes the connection at once, so that the client sees a half-sent answer for what it is. */
  void abort(HttpServletRequest request);

  /** Ends with {@link #close}, after which the connection is as it was before. */
  interface Watch extends AutoCloseable {
    @Override
    void close();
  }
}
