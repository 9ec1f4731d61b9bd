package io.lockstep.server.api.v2;

import io.lockstep.server.serving.ServingException;
import java.io.IOException;
import java.io.InputStream;

/** The first bytes of a stream; reading them to the end leaves the stream right behind. */
final class HeadStream extends InputStream {

  private final InputStream source;
  private final long bytes;
  private long left;

  HeadStream(InputStream source, long bytes) {
    this.source = source;
    this.bytes = bytes;
    this.left = bytes;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (left == 0) {
      return -1;
    }
    int count = source.read(target, offset, (int) Math.min(length, left));
    if (count > 0) {
      left -= count;
    }
    return count;
  }

  /** Checks that there were as many bytes as announced. */
  void requireEnd() {
    if (left > 0) {
      throw ServingException.invalid(
          "the body ends %d bytes before the end of its JSON, which was announced as %d bytes"
              .formatted(left, bytes));
    }
  }
}
