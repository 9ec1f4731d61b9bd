package io.lockstep.server.http;

import io.lockstep.server.api.Connections;
import jakarta.servlet.http.HttpServletRequest;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.io.AbstractEndPoint;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.server.internal.HttpConnection;

/** Watches and closes the HTTP/1.1 connections of Jetty. */
final class JettyConnections implements Connections {

  private static final Watch NOTHING = () -> {};

  @Override
  public Watch watch(HttpServletRequest request, Runnable gone) {
    Connection connection = connection(request);
    // With another request in the buffer already, the socket has no say about the client any more.
    if (connection instanceof HttpConnection http
        && http.isRequestBufferEmpty()
        && http.getEndPoint() instanceof AbstractEndPoint endPoint) {
      SocketWatch watch = new SocketWatch(http, endPoint, gone);
      watch.start();
      return watch;
    }
    return NOTHING;
  }

  @Override
  public void abort(HttpServletRequest request) {
    connection(request).getEndPoint().close();
  }

  private static Connection connection(HttpServletRequest request) {
    return ServletContextRequest.getServletContextRequest(request)
        .getConnectionMetaData()
        .getConnection();
  }
}
