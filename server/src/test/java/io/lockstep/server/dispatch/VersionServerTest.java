package io.lockstep.server.dispatch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.runtime.BatchTraits.Mode;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.server.fakes.FakeModel;
import io.lockstep.server.fakes.FakeModel.Flaw;
import io.lockstep.server.fakes.FakeTicker;
import io.lockstep.server.fakes.TextRequests;
import io.lockstep.server.metrics.MetricsOptions;
import io.lockstep.server.metrics.ServingMetrics;
import io.lockstep.server.serving.CloseReason;
import io.lockstep.server.serving.Deadline;
import io.lockstep.server.serving.ErrorCode;
import io.lockstep.server.serving.InferRequest;
import io.lockstep.server.serving.InferResponse;
import io.lockstep.server.serving.ModelStatistics;
import io.lockstep.server.serving.NamedTensor;
import io.lockstep.server.serving.ServingException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

final class VersionServerTest {

  private final FakeTicker ticker = new FakeTicker();
  private final FakeModel model = FakeModel.padded();
  private final VersionServer server =
      ServerFixture.stepped(ServerFixture.version(model, 4, 8, Duration.ZERO, 1), ticker);

  private PendingCall submit(long[]... rows) {
    return submit(TextRequests.of(ServerFixture.MODEL, ticker, rows).build());
  }

  private PendingCall submit(InferRequest request) {
    return server.submit(List.of(request)).orElseThrow().getFirst();
  }

  private boolean step() {
    return server.dispatchers().getFirst().step();
  }

  private static float[] output(InferResponse response, String name) {
    return response.outputs().stream()
        .filter(output -> output.name().equals(name))
        .findFirst()
        .orElseThrow()
        .tensor()
        .toFloats();
  }

  private ErrorCode failure(PendingCall call) {
    return assertThrows(ServingException.class, call::await).code();
  }

  @Test
  void requestsOfDifferentLengthsShareARunAndComeBackAtTheirOwn() throws InterruptedException {
    PendingCall a = submit(new long[] {1, 2, 3});
    PendingCall b = submit(new long[] {10, 20});
    assertTrue(step());
    assertFalse(step());
    assertEquals(List.of(Shape.of(2, 16)), model.runs());
    try (InferResponse first = a.await();
        InferResponse second = b.await()) {
      assertArrayEquals(new float[] {1, 6, 2, 6, 3, 6}, output(first, "tokens"));
      assertArrayEquals(new float[] {10, 30, 20, 30}, output(second, "tokens"));
      assertArrayEquals(new float[] {30}, output(second, "sum"));
      assertEquals(2, second.batch().rows());
      assertEquals(16, second.batch().paddedLength());
      assertEquals(CloseReason.IDLE, second.batch().reason());
      assertEquals("1", second.version());
    }
  }

  @Test
  void oversizeRequestIsSplitAndRejoinedInOrder() throws InterruptedException {
    long[][] rows = new long[10][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = new long[] {i, 100};
    }
    PendingCall call = submit(rows);
    assertTrue(step());
    assertTrue(step());
    PendingCall small = submit(new long[] {7});
    assertTrue(step());
    assertEquals(
        List.of(Shape.of(4, 16), Shape.of(4, 16), Shape.of(3, 16)),
        model.runs(),
        "the last part shares its run with the next request");
    try (InferResponse response = call.await()) {
      assertEquals(Shape.of(10, 2, 2), response.outputs().getFirst().tensor().shape());
      for (int i = 0; i < 10; i++) {
        assertEquals(i + 100, output(response, "sum")[i]);
        assertEquals(i, output(response, "tokens")[4 * i]);
      }
    }
    try (InferResponse response = small.await()) {
      assertArrayEquals(new float[] {7}, output(response, "sum"));
    }
  }

  @Test
  void onlyTheGuiltyOneOfABatchFails() throws InterruptedException {
    PendingCall good = submit(new long[] {1});
    PendingCall guilty = submit(new long[] {FakeModel.GUILTY});
    PendingCall poison = submit(new long[] {FakeModel.POISON});
    PendingCall alsoGood = submit(new long[] {2});
    assertTrue(step());
    try (InferResponse a = good.await();
        InferResponse b = alsoGood.await()) {
      assertArrayEquals(new float[] {1}, output(a, "sum"));
      assertArrayEquals(new float[] {2}, output(b, "sum"));
      assertEquals(1, b.batch().requests());
    }
    ServingException told = assertThrows(ServingException.class, guilty::await);
    assertEquals(ErrorCode.INVALID_ARGUMENT, told.code());
    assertEquals("token id -1 is out of range", told.getMessage());
    ServingException internal = assertThrows(ServingException.class, poison::await);
    assertEquals(ErrorCode.INTERNAL, internal.code());
    assertFalse(internal.getMessage().contains("poison"), internal.getMessage());
  }

  @Test
  void maskOfTheRequestSetsItsValidLength() throws InterruptedException {
    InferRequest request =
        TextRequests.of(ServerFixture.MODEL, ticker, new long[] {5, 6, 0, 0}).build();
    NamedTensor mask = request.inputs().get(1);
    mask.tensor().setLong(2, 0);
    mask.tensor().setLong(3, 0);
    PendingCall call = submit(request);
    assertTrue(step());
    try (InferResponse response = call.await()) {
      assertArrayEquals(new float[] {11}, output(response, "sum"));
      assertEquals(Shape.of(1, 4, 2), response.outputs().getFirst().tensor().shape());
    }
  }

  @Test
  void fullQueueIsRefusedWithATimeToComeBack() {
    submit(new long[8][3]);
    ServingException refused =
        assertThrows(ServingException.class, () -> submit(new long[] {1, 2, 3}));
    assertEquals(ErrorCode.OVERLOADED, refused.code());
    assertEquals(1, refused.retryAfterSeconds());
    assertEquals(8, server.load().queuedRows());
    assertTrue(step());
    assertEquals(4, server.load().queuedRows());
    submit(new long[] {1, 2, 3});
  }

  @Test
  void requestLargerThanTheQueueIsLetIntoAnEmptyOne() throws InterruptedException {
    PendingCall call = submit(new long[9][1]);
    while (step()) {
      assertTrue(server.load().queuedRows() >= 0);
    }
    try (InferResponse response = call.await()) {
      assertEquals(9, output(response, "sum").length);
    }
  }

  @Test
  void cancelledRequestsGiveTheirRoomBackAtOnceAndNeverRun() {
    PendingCall call = submit(new long[8][3]);
    call.cancel();
    assertEquals(0, server.load().queuedRows());
    assertEquals(0, server.load().queuedRequests());
    assertEquals(ErrorCode.CANCELLED, failure(call));
    assertFalse(step());
    assertEquals(List.of(), model.runs());
  }

  @Test
  void expiredRequestsNeverRun() {
    PendingCall call =
        submit(
            TextRequests.of(ServerFixture.MODEL, ticker, new long[] {1})
                .deadline(Deadline.after(Duration.ofMillis(5), ticker.nanos()))
                .build());
    ticker.advance(Duration.ofMillis(5));
    assertFalse(step());
    assertEquals(ErrorCode.DEADLINE_EXCEEDED, failure(call));
    assertEquals(List.of(), model.runs());
    ServingException late =
        assertThrows(
            ServingException.class,
            () ->
                submit(
                    TextRequests.of(ServerFixture.MODEL, ticker, new long[] {1})
                        .deadline(new Deadline(ticker.nanos(), true))
                        .build()));
    assertEquals(ErrorCode.DEADLINE_EXCEEDED, late.code());
  }

  @Test
  void chosenOutputsComeInTheOrderAskedFor() throws InterruptedException {
    PendingCall call =
        submit(
            TextRequests.of(ServerFixture.MODEL, ticker, new long[] {1, 2})
                .outputs(List.of("sum", "tokens"))
                .build());
    PendingCall one =
        submit(
            TextRequests.of(ServerFixture.MODEL, ticker, new long[] {3, 4})
                .outputs(List.of("sum"))
                .build());
    assertTrue(step());
    try (InferResponse response = call.await();
        InferResponse single = one.await()) {
      assertEquals(
          List.of("sum", "tokens"), response.outputs().stream().map(NamedTensor::name).toList());
      assertEquals(1, single.outputs().size());
      assertArrayEquals(new float[] {7}, output(single, "sum"));
    }
  }

  @Test
  void modelsThatCannotBatchRunOneRowAtATime() throws InterruptedException {
    FakeModel lone = new FakeModel(Mode.NONE, Flaw.NONE, 1);
    VersionServer loneServer =
        ServerFixture.stepped(ServerFixture.version(lone, 4, 8, Duration.ZERO, 1), ticker);
    PendingCall call =
        loneServer
            .submit(
                List.of(
                    TextRequests.of(
                            ServerFixture.MODEL, ticker, new long[] {1, 2}, new long[] {3, 4})
                        .build()))
            .orElseThrow()
            .getFirst();
    while (loneServer.dispatchers().getFirst().step()) {
      assertTrue(lone.runs().size() <= 2);
    }
    assertEquals(List.of(Shape.of(1, 2), Shape.of(1, 2)), lone.runs());
    try (InferResponse response = call.await()) {
      assertArrayEquals(new float[] {3, 7}, output(response, "sum"));
    }
  }

  @Test
  void modelsWithoutMasksShareRunsOfOneShapeOnly() {
    FakeModel plain = new FakeModel(Mode.SAME_SHAPE, Flaw.NONE, 1);
    VersionServer plainServer =
        ServerFixture.stepped(ServerFixture.version(plain, 4, 8, Duration.ZERO, 1), ticker);
    for (int length : new int[] {2, 3, 2}) {
      plainServer.submit(
          List.of(TextRequests.of(ServerFixture.MODEL, ticker, new long[length]).build()));
    }
    while (plainServer.dispatchers().getFirst().step()) {
      assertTrue(plain.runs().size() <= 2);
    }
    assertEquals(List.of(Shape.of(2, 2), Shape.of(1, 3)), plain.runs());
  }

  @Test
  void statisticsCountRequestsRowsAndRuns() throws InterruptedException {
    PendingCall a = submit(new long[] {1}, new long[] {2});
    PendingCall b = submit(new long[] {3});
    ticker.advance(Duration.ofMillis(2));
    assertTrue(step());
    submit(new long[] {FakeModel.GUILTY});
    assertTrue(step());
    a.await().close();
    b.await().close();
    ModelStatistics statistics = server.statistics();
    assertEquals(3, statistics.inferenceCount());
    assertEquals(1, statistics.executionCount());
    assertEquals(2, statistics.success().count());
    assertEquals(4_000_000, statistics.queue().nanos());
    assertEquals(1, statistics.fail().count());
    assertEquals(List.of(3), statistics.batches().stream().map(t -> t.batchSize()).toList());
    assertEquals(800, statistics.memory().total());
  }

  @Test
  void retiredVersionTakesNothingMoreAndClosesItsSessions() {
    LoadedAndStarted started = new LoadedAndStarted();
    started.server.retire(Duration.ofSeconds(5));
    assertEquals(0, started.model.openSessions());
    assertTrue(
        started
            .server
            .submit(List.of(TextRequests.of(ServerFixture.MODEL, ticker, new long[] {1}).build()))
            .isEmpty());
  }

  private final class LoadedAndStarted {
    private final FakeModel model = FakeModel.padded();
    private final VersionServer server =
        VersionServer.factory(
                1 << 20,
                ticker,
                new ServingMetrics(MetricsOptions.DEFAULTS),
                new RecentBatches(8),
                new SequenceHomes())
            .serve(ServerFixture.version(model, 4, 8, Duration.ZERO, 2));
  }
}
