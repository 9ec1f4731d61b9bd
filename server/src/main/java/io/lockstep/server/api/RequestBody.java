package io.lockstep.server.api;

import io.javalin.http.UnsupportedMediaTypeResponse;
import io.lockstep.server.serving.ErrorCode;
import io.lockstep.server.serving.PhaseClock;
import io.lockstep.server.serving.ServingException;
import jakarta.servlet.http.HttpServletRequest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.zip.GZIPInputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request, decompressed, and never more of it than the limit. Whatever goes wrong
 * while reading is a {@link ServingException} in words for the client.
 */
final class RequestBody extends InputStream {

  private static final int INFLATE_BUFFER_BYTES = 8192;

  /** How long a refused client may go on sending. */
  private static final long DISCARD_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final InputStream source;
  private final long limitBytes;
  private long readBytes;

  private RequestBody(InputStream source, long limitBytes) {
    this.source = source;
    this.limitBytes = limitBytes;
  }

  static InputStream open(HttpServletRequest request, long limitBytes) throws IOException {
    if (request.getContentLengthLong() > limitBytes) {
      throw tooLarge(limitBytes);
    }
    InputStream raw = new RequestBody(request.getInputStream(), limitBytes);
    @Nullable String header = request.getHeader("Content-Encoding");
    String encoding = header == null ? "identity" : header.strip().toLowerCase(Locale.ROOT);
    return switch (encoding) {
      case "", "identity" -> raw;
      case "gzip", "x-gzip" -> new RequestBody(gunzip(raw), limitBytes);
      case "deflate" -> new RequestBody(inflate(raw), limitBytes);
      default ->
          throw new UnsupportedMediaTypeResponse(
              "Content-Encoding must be gzip, deflate or identity but is '" + encoding + "'");
    };
  }

  /** The length of the body as parsers will see it, or -1 when that is not known beforehand. */
  static long knownLength(HttpServletRequest request) {
    return request.getHeader("Content-Encoding") == null ? request.getContentLengthLong() : -1;
  }

  /**
   * Reads what the client still has to send of a body that is refused, up to the limit: a
   * connection closed under a client that is writing shows it a broken pipe instead of the answer.
   *
   * @param clock whose last mark was the answer
   */
  static void discard(HttpServletRequest request, long limitBytes, PhaseClock clock) {
    boolean asksFirst = request.getHeader("Expect") != null;
    if (asksFirst || request.getContentLengthLong() > limitBytes) {
      return;
    }
    byte[] buffer = new byte[INFLATE_BUFFER_BYTES];
    try (InputStream rest = request.getInputStream()) {
      long left = limitBytes;
      int count = rest.read(buffer);
      while (count >= 0 && (left -= count) > 0 && clock.sinceMarkNanos() < DISCARD_NANOS) {
        count = rest.read(buffer);
      }
    } catch (IOException gone) {
      // The answer is on its way already, and nobody waits for the rest.
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    int count;
    try {
      count = source.read(target, offset, length);
    } catch (IOException problem) {
      throw unreadable(problem);
    }
    if (count > 0) {
      readBytes += count;
      if (readBytes > limitBytes) {
        throw tooLarge(limitBytes);
      }
    }
    return count;
  }

  private static InputStream gunzip(InputStream raw) {
    try {
      return new GZIPInputStream(raw, INFLATE_BUFFER_BYTES);
    } catch (IOException problem) {
      throw unreadable(problem);
    }
  }

  /** RFC 9110 means the zlib format by deflate; some clients send the bare one. */
  private static InputStream inflate(InputStream raw) throws IOException {
    byte[] start = raw.readNBytes(2);
    boolean zlib =
        start.length == 2
            && (start[0] & 0x0f) == 8
            && ((start[0] & 0xff) << 8 | (start[1] & 0xff)) % 31 == 0;
    return new InflaterInputStream(
        new SequenceInputStream(new ByteArrayInputStream(start), raw),
        new Inflater(!zlib),
        INFLATE_BUFFER_BYTES);
  }

  private static ServingException unreadable(IOException problem) {
    String why =
        problem.getCause() instanceof TimeoutException
            ? "it did not arrive in time"
            : "it ended early or is not in the form that its headers say";
    return ServingException.invalid("the body cannot be read: " + why);
  }

  private static ServingException tooLarge(long limitBytes) {
    return new ServingException(
        ErrorCode.PAYLOAD_TOO_LARGE,
        "the body is larger than " + limitBytes + " bytes, which is max_body");
  }
}
