package io.lockstep.server.api;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** A socket that says exactly what it is told, however wrong as HTTP. */
public final class RawClient implements AutoCloseable {

  private static final int TIMEOUT_MILLIS = 20_000;

  private final Socket socket;
  private final InputStream in;

  public RawClient(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(TIMEOUT_MILLIS);
    socket.setTcpNoDelay(true);
    in = new BufferedInputStream(socket.getInputStream());
  }

  /** Sends bytes as they are. */
  public void send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
  }

  /** Sends text, each line of which ends with CR LF on the wire. */
  public void send(String text) throws IOException {
    send(text.replace("\n", "\r\n").getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Sends a request with these headers, one a line, and a body of the length that it says. */
  public void post(String path, String headers, byte[] body) throws IOException {
    ByteArrayOutputStream request = new ByteArrayOutputStream();
    request.write(
        ("POST " + path + " HTTP/1.1\nHost: test\n" + headers + "Content-Length: " + body.length)
            .replace("\n", "\r\n")
            .getBytes(StandardCharsets.ISO_8859_1));
    request.write("\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
    request.write(body);
    send(request.toByteArray());
  }

  /** Says that nothing more is coming. */
  public void finish() throws IOException {
    socket.shutdownOutput();
  }

  /** The status line, headers and body of the next answer, which must have a Content-Length. */
  public String answer() throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int next = in.read();
      if (next < 0) {
        return head.toString();
      }
      head.append((char) next);
    }
    int at = head.indexOf("Content-Length: ");
    if (at < 0) {
      return head.toString();
    }
    int length = Integer.parseInt(head.substring(at + 16, head.indexOf("\r\n", at)));
    return head + new String(in.readNBytes(length), StandardCharsets.UTF_8);
  }

  /** The next line of an answer without its end, as it is on the wire; null at the stream's end. */
  public @Nullable String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int next = in.read(); next >= 0; next = in.read()) {
      if (next == '\n') {
        return line.toString(StandardCharsets.UTF_8).stripTrailing();
      }
      line.write(next);
    }
    return null;
  }

  /** Closes the connection with a reset instead of a farewell. */
  public void reset() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
