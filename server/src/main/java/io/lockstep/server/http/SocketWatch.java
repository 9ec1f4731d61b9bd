package io.lockstep.server.http;

import io.lockstep.server.api.Connections;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeoutException;
import org.eclipse.jetty.io.AbstractEndPoint;
import org.eclipse.jetty.server.internal.HttpConnection;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;

/**
 * Notices the end of a connection while a handler waits for something else.
 *
 * <p>While a request is handled and its body has been read, Jetty does not look at the socket, so
 * that a client that hangs up goes unnoticed until the answer is written. This asks the selector
 * about the socket meanwhile. A socket that becomes readable has either ended, which a read tells,
 * or carries the next request of a client that does not wait for answers (pipelining); of that, the
 * one byte read here is put back into the connection's buffer, and watching ends.
 */
final class SocketWatch implements Connections.Watch {

  private final HttpConnection connection;
  private final AbstractEndPoint endPoint;
  private final Runnable gone;
  private final ByteBuffer ahead = BufferUtil.allocate(1);
  private boolean closed;

  SocketWatch(HttpConnection connection, AbstractEndPoint endPoint, Runnable gone) {
    this.connection = connection;
    this.endPoint = endPoint;
    this.gone = gone;
  }

  synchronized void start() {
    if (!closed) {
      endPoint.tryFillInterested(Callback.from(this::readable, this::failed));
    }
  }

  /** The thread that handles the request takes the socket back. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
    }
    // When this finds no callback, it is being called or never was: then it sees the flag.
    if (endPoint.isFillInterested()) {
      endPoint.getFillInterest().onFail(new CancellationException("the request is answered"));
    }
    if (ahead.hasRemaining()) {
      connection.onUpgradeTo(ahead);
    }
  }

  private void readable() {
    int bytes;
    synchronized (this) {
      if (closed) {
        return;
      }
      bytes = read();
      if (bytes == 0) {
        start();
      }
    }
    if (bytes < 0) {
      gone.run();
    }
  }

  /** The number of bytes read, -1 at the end of the connection. */
  private int read() {
    try {
      return endPoint.fill(ahead);
    } catch (IOException reset) {
      return -1;
    }
  }

  private void failed(Throwable reason) {
    if (reason instanceof TimeoutException) {
      // A client that waits in silence is what we expect.
      start();
    } else if (!(reason instanceof CancellationException)) {
      gone.run();
    }
  }
}
