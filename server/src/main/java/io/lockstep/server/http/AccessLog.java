package io.lockstep.server.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.lockstep.server.serving.AnsweredRequest;
import io.lockstep.server.serving.BatchInfo;
import io.lockstep.server.serving.Phase;
import io.lockstep.server.serving.Ticker;
import io.lockstep.server.serving.TraceReference;
import io.lockstep.server.tracing.RequestTrace;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A line of JSON for every answer: what was asked, what was answered, how long each phase took in
 * milliseconds, and the batch. Goes to standard output, which nothing else of the server uses.
 */
final class AccessLog {

  private final JsonFactory json = new JsonFactory();
  private final PrintStream out;
  private final Ticker ticker;

  AccessLog(PrintStream out, Ticker ticker) {
    this.out = out;
    this.ticker = ticker;
  }

  /** Has it see every answer. */
  void install(JavalinConfig config) {
    config.routes.before(Observation::keep);
    config.requestLogger.http(this::log);
  }

  /** Logs an answer; {@code millis} from the request's arrival, as the HTTP layer saw it. */
  private void log(Context context, Float millis) {
    StringWriter line = new StringWriter(512);
    try (JsonGenerator fields = json.createGenerator(line)) {
      fields.writeStartObject();
      fields.writeStringField("time", Instant.ofEpochMilli(ticker.epochMillis()).toString());
      @Nullable String id = context.res().getHeader(RequestId.HEADER);
      fields.writeStringField("request_id", id == null ? "" : id);
      fields.writeStringField("client", context.ip());
      fields.writeStringField("method", context.method().name());
      fields.writeStringField("path", context.path());
      fields.writeNumberField("status", context.statusCode());
      fields.writeNumberField("request_bytes", context.req().getContentLengthLong());
      fields.writeNumberField("duration_ms", millis);
      writeTrace(fields, Observation.trace(context));
      @Nullable AnsweredRequest answered = Observation.answered(context);
      if (answered != null) {
        write(fields, answered);
      }
      fields.writeEndObject();
    } catch (IOException impossible) {
      throw new UncheckedIOException("a string takes whatever it is given", impossible);
    }
    out.println(line);
  }

  private static void writeTrace(JsonGenerator fields, @Nullable RequestTrace trace)
      throws IOException {
    @Nullable TraceReference reference = trace == null ? null : trace.reference().orElse(null);
    if (reference != null) {
      fields.writeStringField("trace_id", reference.traceId());
    }
  }

  private static void write(JsonGenerator fields, AnsweredRequest answered) throws IOException {
    fields.writeStringField("protocol", answered.protocol());
    fields.writeStringField("outcome", answered.outcome());
    if (answered.model() != null) {
      fields.writeStringField("model", answered.model());
    }
    if (answered.version() != null) {
      fields.writeStringField("version", answered.version());
    }
    fields.writeObjectFieldStart("phases_ms");
    for (Phase phase : Phase.values()) {
      long nanos = answered.clock().nanos(phase);
      if (nanos > 0) {
        fields.writeNumberField(phase.label(), nanos / 1e6);
      }
    }
    fields.writeEndObject();
    if (answered.batch() != null) {
      write(fields, answered.batch());
    }
  }

  private static void write(JsonGenerator fields, BatchInfo batch) throws IOException {
    fields.writeObjectFieldStart("batch");
    fields.writeNumberField("rows", batch.rows());
    fields.writeNumberField("requests", batch.requests());
    fields.writeNumberField("padded_length", batch.paddedLength());
    fields.writeStringField("close_reason", batch.reason().label());
    fields.writeEndObject();
  }
}
