package io.lockstep.server.api;

import com.fasterxml.jackson.core.JsonGenerator;
import io.javalin.http.Context;
import io.lockstep.runtime.error.InvalidInputException;
import io.lockstep.server.serving.AnsweredRequest;
import io.lockstep.server.serving.BatchInfo;
import io.lockstep.server.serving.Deadline;
import io.lockstep.server.serving.EmbeddingResponse;
import io.lockstep.server.serving.EmbeddingService.EmbeddingCall;
import io.lockstep.server.serving.ErrorCode;
import io.lockstep.server.serving.GenerationCall;
import io.lockstep.server.serving.GenerationEvent;
import io.lockstep.server.serving.InferCall;
import io.lockstep.server.serving.InferResponse;
import io.lockstep.server.serving.Phase;
import io.lockstep.server.serving.PhaseClock;
import io.lockstep.server.serving.ServingException;
import io.lockstep.server.serving.Tenant;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/** One request and its answer, as endpoints see them. */
public final class Exchange {

  /** The header with the seconds that a request has when its body does not say. */
  private static final String TIMEOUT = "x-request-timeout";

  /** The attribute of a request that says whose key it has, if keys are checked. */
  public static final String TENANT = "lockstep.tenant";

  private static final String JSON = "application/json";

  /** Bodies up to here are read at once, and parsed from where they were read to. */
  private static final int WHOLE_BYTES = 64 << 10;

  /** Shorter answers are not worth compressing: they fit a packet or two anyway. */
  private static final int MIN_COMPRESSED_BYTES = 1024;

  /** Watching the socket costs more than a quick model, and saves nothing in so short a time. */
  private static final long UNWATCHED_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

  /** Most proxies close connections that were silent for 30 or 60 seconds. */
  private static final long HEARTBEAT_NANOS = TimeUnit.SECONDS.toNanos(10);

  private final Context context;
  private final ApiLimits limits;
  private final Json json;
  private final Connections connections;
  private final PhaseClock clock;
  private final long arrivedAtMillis;
  private @Nullable String model;
  private @Nullable String version;
  private @Nullable BatchInfo batch;
  private @Nullable AnswerStream answer;
  private @Nullable EventStream events;

  Exchange(
      Context context,
      ApiLimits limits,
      Json json,
      Connections connections,
      PhaseClock clock,
      long arrivedAtMillis) {
    this.context = context;
    this.limits = limits;
    this.json = json;
    this.connections = connections;
    this.clock = clock;
    this.arrivedAtMillis = arrivedAtMillis;
  }

  public PhaseClock clock() {
    return clock;
  }

  /** Wall clock of the request's arrival, since 1970. */
  public long arrivedAtMillis() {
    return arrivedAtMillis;
  }

  public ApiLimits limits() {
    return limits;
  }

  /** What is known when it is over; {@code outcome} is success or an error code. */
  AnsweredRequest answered(String protocol, String outcome) {
    return new AnsweredRequest(model, version, protocol, outcome, batch, clock);
  }

  /** Says which model the request names; null when it leaves the choice to the server. */
  public void about(@Nullable String modelName) {
    model = modelName;
  }

  /** A parameter of the route, decoded. */
  public String path(String parameter) {
    return context.pathParam(parameter);
  }

  /** A parameter of the route that only some of its forms have. */
  public @Nullable String optionalPath(String parameter) {
    return context.pathParamMap().get(parameter);
  }

  /** A parameter of the query, decoded; the first one of several. */
  public @Nullable String query(String parameter) {
    return context.queryParam(parameter);
  }

  /** A header of the request. */
  public @Nullable String header(String name) {
    return context.header(name);
  }

  /** The body, decompressed. */
  public InputStream body() throws IOException {
    return RequestBody.open(context.req(), limits.maxBodyBytes());
  }

  /** The length of {@link #body}, or -1 when it is not known before it is read. */
  public long bodyLength() {
    return RequestBody.knownLength(context.req());
  }

  /** The body as strict JSON. */
  public JsonInput json() throws IOException {
    return json(false);
  }

  /**
   * Reads the body as strict JSON. When {@code reader} refuses something without saying which field
   * is at fault, it is the one that it had come to.
   */
  public <T> T readJson(JsonReader<T> reader) throws IOException {
    try (JsonInput input = json()) {
      try {
        return reader.read(input);
      } catch (ServingException | InvalidInputException refused) {
        throw ErrorResponses.of(refused).at(input.place());
      }
    }
  }

  /** The body as JSON; {@code nonFinite} admits the bare words NaN and Infinity. */
  public JsonInput json(boolean nonFinite) throws IOException {
    long length = bodyLength();
    if (length < 0 || length > WHOLE_BYTES) {
      return json(body(), nonFinite);
    }
    return new JsonInput(json.parser(body().readNBytes((int) length), nonFinite));
  }

  /** JSON from a part of the body; {@code nonFinite} admits the bare words NaN and Infinity. */
  public JsonInput json(InputStream source, boolean nonFinite) throws IOException {
    return new JsonInput(json.parser(source, nonFinite));
  }

  /** A generator for a part of an answer that is needed before the rest is sent. */
  public JsonGenerator generator(OutputStream out) throws IOException {
    return json.generator(out);
  }

  /**
   * The moment when the answer is late: {@code timeout} after arrival; when that is zero, what the
   * header {@value #TIMEOUT} says, or else the default.
   */
  public Deadline deadline(Duration timeout) {
    return deadline(timeout, limits.defaultTimeout());
  }

  /** As {@link #deadline(Duration)} for a generated text, whose default is another one. */
  public Deadline generationDeadline(Duration timeout) {
    return deadline(timeout, limits.generationTimeout());
  }

  private Deadline deadline(Duration wanted, Duration standard) {
    Duration timeout = wanted.isZero() ? headerTimeout() : wanted;
    return Deadline.after(timeout.isZero() ? standard : timeout, clock.startNanos());
  }

  private Duration headerTimeout() {
    @Nullable String seconds = context.header(TIMEOUT);
    if (seconds == null) {
      return Duration.ZERO;
    }
    if (!seconds.matches("[0-9]{1,9}(\\.[0-9]{1,9})?")) {
      throw ServingException.invalid(
          "the header %s must be a number of seconds, such as 2.5, but is '%s'"
              .formatted(TIMEOUT, JsonInput.shortened(seconds)));
    }
    return Duration.ofNanos((long) (Double.parseDouble(seconds) * 1e9));
  }

  /** Waits for an answer; cancels the call when the client hangs up meanwhile. */
  public InferResponse await(InferCall call) throws InterruptedException {
    InferResponse response = call.isOverWithin(UNWATCHED_NANOS) ? call.await() : watched(call);
    version = response.version();
    batch = response.batch();
    return response;
  }

  private InferResponse watched(InferCall call) throws InterruptedException {
    try (Connections.Watch _ = connections.watch(context.req(), call::cancel)) {
      return call.await();
    }
  }

  /** As {@link #await(InferCall)}. */
  public EmbeddingResponse await(EmbeddingCall call) throws InterruptedException {
    try (Connections.Watch _ = connections.watch(context.req(), call::cancel)) {
      EmbeddingResponse response = call.await();
      version = response.version();
      batch = response.batch();
      return response;
    }
  }

  /**
   * Whose request this is, for sharing fairly among clients: the owner of its key, or, where no
   * keys are configured, whatever key it came with.
   */
  public Tenant tenant() {
    @Nullable Tenant owner = context.attribute(TENANT);
    if (owner != null) {
      return owner;
    }
    @Nullable String key = context.header("Authorization");
    return key == null ? Tenant.ANONYMOUS : new Tenant(key, 1);
  }

  /**
   * Hands the events of {@code choices} texts on until all are over; cancels them when the client
   * hangs up, or when the reader fails.
   */
  public void follow(GenerationCall call, int choices, GenerationReader reader)
      throws IOException, InterruptedException {
    version = call.version();
    int unfinished = choices;
    try (Connections.Watch _ = connections.watch(context.req(), call::cancel)) {
      while (unfinished > 0) {
        // What is held back, such as a call of a tool, is silence to those who read.
        long quiet = events == null ? 0 : events.quietNanos();
        GenerationEvent event = quiet < HEARTBEAT_NANOS ? call.next(HEARTBEAT_NANOS - quiet) : null;
        if (event == null) {
          reader.silence();
          continue;
        }
        unfinished -= event instanceof GenerationEvent.Finished ? 1 : 0;
        reader.on(event);
      }
    } finally {
      if (unfinished > 0) {
        call.cancel();
      }
    }
    clock.mark(Phase.WRITE);
  }

  /** Begins an answer in events: from here on a failure is an event, too. */
  public EventStream openEvents() throws IOException {
    HttpServletResponse response = context.res();
    response.setStatus(200);
    response.setContentType("text/event-stream; charset=utf-8");
    response.setHeader("Cache-Control", "no-cache");
    response.setHeader("X-Accel-Buffering", "no"); // asks nginx to pass events on at once
    response.setHeader("Server-Timing", clock.serverTiming());
    EventStream stream = new EventStream(json, response.getOutputStream(), clock);
    events = stream;
    return stream;
  }

  /** Adds a header to the answer, before it is sent. */
  public void answerHeader(String name, String value) {
    context.header(name, value);
  }

  public void sendJson(JsonWriter writer) throws IOException {
    sendJson(200, writer);
  }

  public void sendJson(int status, JsonWriter writer) throws IOException {
    send(
        status,
        JSON,
        out -> {
          JsonGenerator generator = json.generator(out);
          generator.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
          writer.writeTo(generator);
          // Not in a finally clause: closing would complete the JSON of an answer that failed.
          generator.close();
        });
  }

  /** An answer without a body. */
  public void sendEmpty(int status) throws IOException {
    send(status, null, _ -> {});
  }

  /** Sends an answer; when {@code writer} fails early enough, nothing has been sent. */
  public void send(int status, @Nullable String contentType, BodyWriter writer) throws IOException {
    AnswerStream stream = new AnswerStream(length -> commit(status, contentType, length));
    answer = stream;
    writer.writeTo(stream);
    clock.mark(Phase.WRITE);
    stream.close();
  }

  /** Answers with a failure, unless an answer is on its way already. */
  void sendError(Dialect dialect, int status, ServingException failure) throws IOException {
    if (events != null) {
      events.send(generator -> dialect.writeError(generator, failure));
      return;
    }
    if (answer != null && answer.committed()) {
      connections.abort(context.req());
      return;
    }
    if (failure.code() == ErrorCode.OVERLOADED || failure.code() == ErrorCode.MODEL_NOT_READY) {
      int seconds = Math.max(1, failure.retryAfterSeconds());
      context.header("Retry-After", Integer.toString(seconds));
    }
    sendJson(status, generator -> dialect.writeError(generator, failure));
    RequestBody.discard(context.req(), limits.maxBodyBytes(), clock);
  }

  private OutputStream commit(int status, @Nullable String contentType, long bodyBytes)
      throws IOException {
    HttpServletResponse response = context.res();
    response.setStatus(status);
    if (contentType != null) {
      response.setContentType(contentType);
    }
    String timing = clock.serverTiming();
    response.setHeader(
        "Server-Timing", batch == null ? timing : timing + ", " + batch.serverTiming());
    boolean large = bodyBytes < 0 || bodyBytes >= MIN_COMPRESSED_BYTES;
    if (large) {
      response.addHeader("Vary", "Accept-Encoding");
    }
    if (large && acceptsGzip()) {
      response.setHeader("Content-Encoding", "gzip");
      return new FastGzip(response.getOutputStream());
    }
    if (bodyBytes >= 0) {
      response.setContentLengthLong(bodyBytes);
    }
    return response.getOutputStream();
  }

  /** RFC 9110, section 12.5.3, as far as gzip goes: named, or any, and not with weight 0. */
  private boolean acceptsGzip() {
    @Nullable String accepted = context.header("Accept-Encoding");
    if (accepted == null) {
      return false;
    }
    for (String coding : accepted.toLowerCase(Locale.ROOT).split(",", -1)) {
      String[] parts = coding.replace(" ", "").split(";", 2);
      if (parts[0].equals("gzip") || parts[0].equals("*")) {
        return parts.length == 1 || !parts[1].matches("q=0(\\.0*)?");
      }
    }
    return false;
  }

  /** Numbers compress little better at higher levels, which take several times as long. */
  private static final class FastGzip extends GZIPOutputStream {
    FastGzip(OutputStream out) throws IOException {
      super(out, 8192);
      def.setLevel(Deflater.BEST_SPEED);
    }
  }
}
