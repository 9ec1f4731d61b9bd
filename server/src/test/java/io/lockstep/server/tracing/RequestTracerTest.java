package io.lockstep.server.tracing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.lockstep.server.fakes.FakeTicker;
import io.lockstep.server.serving.AnsweredRequest;
import io.lockstep.server.serving.BatchInfo;
import io.lockstep.server.serving.CloseReason;
import io.lockstep.server.serving.Phase;
import io.lockstep.server.serving.PhaseClock;
import io.lockstep.server.serving.TraceReference;
import io.opentelemetry.proto.trace.v1.Span;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class RequestTracerTest {

  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String PARENT = "00f067aa0ba902b7";

  private final FakeTicker ticker = new FakeTicker();
  private FakeCollector collector;

  @BeforeEach
  void start() throws Exception {
    collector = new FakeCollector();
  }

  @AfterEach
  void stop() {
    collector.close();
  }

  private static Function<String, String> headers(String traceparent) {
    return name -> name.equals("traceparent") ? traceparent : null;
  }

  private static String hex(ByteString bytes) {
    return HexFormat.of().formatHex(bytes.toByteArray());
  }

  private RequestTrace traced(RequestTracer tracer, String traceparent) {
    RequestTrace trace = tracer.begin(headers(traceparent));
    PhaseClock clock = PhaseClock.start(ticker, "my-id");
    ticker.advance(Duration.ofMillis(2));
    clock.mark(Phase.QUEUE);
    ticker.advance(Duration.ofMillis(3));
    clock.mark(Phase.INFER);
    tracer.finished(
        trace,
        new RequestTracer.Http("POST", "/v2/models/{model}/infer", "/v2/models/m/infer", 200),
        new AnsweredRequest(
            "m", "1", "v2", "success", new BatchInfo(4, 2, 0, CloseReason.IDLE), clock));
    return trace;
  }

  @Test
  void exportsARequestAsAChildOfItsClientWithAChildForEachPhase() {
    RequestTracer tracer = RequestTracer.exporting(collector.endpoint(), 0, "1.2.3", ticker);
    RequestTrace trace = traced(tracer, "00-" + TRACE + "-" + PARENT + "-01");
    tracer.close();
    Map<String, Span> spans =
        collector.spans().stream().collect(Collectors.toMap(Span::getName, span -> span));
    Span request = spans.get("POST /v2/models/{model}/infer");
    assertEquals(TRACE, hex(request.getTraceId()));
    assertEquals(PARENT, hex(request.getParentSpanId()));
    assertEquals(
        Optional.of(new TraceReference(TRACE, hex(request.getSpanId()))), trace.reference());
    assertEquals(5_000_000, request.getEndTimeUnixNano() - request.getStartTimeUnixNano());
    Map<String, String> attributes =
        request.getAttributesList().stream()
            .collect(
                Collectors.toMap(
                    attribute -> attribute.getKey(),
                    attribute ->
                        attribute.getValue().hasIntValue()
                            ? Long.toString(attribute.getValue().getIntValue())
                            : attribute.getValue().getStringValue()));
    assertEquals("my-id", attributes.get("lockstep.request.id"));
    assertEquals("4", attributes.get("lockstep.batch.rows"));
    assertEquals("idle", attributes.get("lockstep.batch.close_reason"));
    assertEquals("200", attributes.get("http.response.status_code"));
    Span queue = spans.get("queue");
    Span infer = spans.get("infer");
    for (Span phase : List.of(queue, infer)) {
      assertEquals(request.getSpanId(), phase.getParentSpanId());
    }
    assertEquals(request.getStartTimeUnixNano(), queue.getStartTimeUnixNano());
    assertEquals(queue.getEndTimeUnixNano(), infer.getStartTimeUnixNano());
    assertEquals(request.getEndTimeUnixNano(), infer.getEndTimeUnixNano());
    assertEquals(3, spans.size());
  }

  @Test
  void tracesThatTheClientDoesNotKeepAreNotExported() {
    RequestTracer tracer = RequestTracer.exporting(collector.endpoint(), 1, "1.2.3", ticker);
    RequestTrace trace = traced(tracer, "00-" + TRACE + "-" + PARENT + "-00");
    tracer.close();
    assertEquals(List.of(), collector.spans());
    assertEquals(Optional.empty(), trace.reference());
  }

  @Test
  void tracesThatBeginHereAreKeptByTheirShare() {
    RequestTracer all = RequestTracer.exporting(collector.endpoint(), 1, "1.2.3", ticker);
    assertTrue(traced(all, null).reference().isPresent());
    all.close();
    assertEquals(3, collector.spans().size());
    RequestTracer none = RequestTracer.exporting(collector.endpoint(), 0, "1.2.3", ticker);
    assertTrue(traced(none, null).reference().isEmpty());
    none.close();
    assertEquals(3, collector.spans().size());
  }

  @Test
  void withoutACollectorTheClientsSpanStandsForTheRequest() {
    RequestTracer silent = RequestTracer.silent(ticker);
    assertEquals(
        Optional.of(new TraceReference(TRACE, PARENT)),
        traced(silent, "00-" + TRACE + "-" + PARENT + "-01").reference());
    assertNull(silent.begin(headers(null)));
    assertEquals(Optional.empty(), traced(silent, "00-nonsense-01").reference());
    silent.close();
  }
}
