package io.lockstep.server.api;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Holds the first part of an answer back, so that an answer of ordinary size is complete before its
 * headers go out: they can then say how long writing took and how long the body is, and a failure
 * while writing can still become an error answer. Larger answers are sent as they are written.
 */
final class AnswerStream extends OutputStream {

  /** What is held back at most. */
  static final int HELD_BYTES = 256 << 10;

  /** Sends the headers. */
  interface Commit {

    /**
     * Sends the headers.
     *
     * @param bodyBytes of the whole body, or -1 when there is more to come
     * @return where the body goes
     */
    OutputStream start(long bodyBytes) throws IOException;
  }

  private final Commit commit;
  private final ByteArrayOutputStream held = new ByteArrayOutputStream(1024);
  private @Nullable OutputStream sink;

  AnswerStream(Commit commit) {
    this.commit = commit;
  }

  @Override
  public void write(int value) throws IOException {
    write(new byte[] {(byte) value}, 0, 1);
  }

  @Override
  public void write(byte[] source, int offset, int length) throws IOException {
    if (sink == null && held.size() + length <= HELD_BYTES) {
      held.write(source, offset, length);
      return;
    }
    if (sink == null) {
      sink = commit.start(-1);
      held.writeTo(sink);
      held.reset();
    }
    sink.write(source, offset, length);
  }

  /** Ends the body: sends everything that was held back. */
  @Override
  public void close() throws IOException {
    if (sink == null) {
      sink = commit.start(held.size());
      held.writeTo(sink);
    }
    sink.close();
  }

  /** Whether headers are on their way, so that the status can no longer change. */
  boolean committed() {
    return sink != null;
  }
}
