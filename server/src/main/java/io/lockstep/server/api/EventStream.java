package io.lockstep.server.api;

import com.fasterxml.jackson.core.JsonGenerator;
import io.lockstep.server.serving.PhaseClock;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * An answer in events as they happen, each of them sent at once: {@code text/event-stream} of the
 * HTML standard, section 9.2.
 */
public final class EventStream {

  private static final byte[] DATA = "data: ".getBytes(StandardCharsets.UTF_8);
  private static final byte[] END = "\n\n".getBytes(StandardCharsets.UTF_8);

  /** A comment: some clients take an event with empty data for JSON. */
  private static final byte[] HEARTBEAT = ": still here\n\n".getBytes(StandardCharsets.UTF_8);

  private final Json json;
  private final OutputStream out;
  private final PhaseClock clock;
  private long lastNanos;
  private final ByteArrayOutputStream event = new ByteArrayOutputStream(512);

  EventStream(Json json, OutputStream out, PhaseClock clock) {
    this.json = json;
    this.out = out;
    this.clock = clock;
    this.lastNanos = clock.nowNanos();
  }

  /** How long nothing has been sent. */
  long quietNanos() {
    return clock.nowNanos() - lastNanos;
  }

  /** Sends an event of one JSON value, which has no line breaks. */
  public void send(JsonWriter writer) throws IOException {
    event.reset();
    event.write(DATA);
    JsonGenerator generator = json.generator(event);
    generator.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
    writer.writeTo(generator);
    generator.close();
    event.write(END);
    event.writeTo(out);
    flush();
  }

  /** Sends an event of one word. */
  public void send(String word) throws IOException {
    event.reset();
    event.write(DATA);
    event.write(word.getBytes(StandardCharsets.UTF_8));
    event.write(END);
    event.writeTo(out);
    flush();
  }

  /** Shows proxies and the client that the connection lives. */
  public void heartbeat() throws IOException {
    out.write(HEARTBEAT);
    flush();
  }

  private void flush() throws IOException {
    out.flush();
    lastNanos = clock.nowNanos();
  }
}
