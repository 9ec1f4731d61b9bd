package io.lockstep.server.dispatch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.server.fakes.FakeModel;
import io.lockstep.server.fakes.FakeTicker;
import io.lockstep.server.fakes.TextRequests;
import io.lockstep.server.serving.ErrorCode;
import io.lockstep.server.serving.InferRequest;
import io.lockstep.server.serving.InferResponse;
import io.lockstep.server.serving.ServingException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/**
 * Requests that are run by the thread that brings them. Time stands still unless a run takes some.
 */
final class CallersRunTest {

  private final FakeTicker ticker = new FakeTicker();
  private final FakeModel model = FakeModel.padded();
  private final AtomicReference<Runnable> whileRunning = new AtomicReference<>(() -> {});

  private VersionServer server(Duration delay) {
    model.whileRunning(() -> whileRunning.getAndSet(() -> {}).run());
    VersionServer server =
        ServerFixture.stepped(ServerFixture.version(model, 4, 8, delay, 1), ticker);
    server.dispatchers().getFirst().letCallersRun();
    return server;
  }

  private InferRequest request(long... row) {
    return TextRequests.of(ServerFixture.MODEL, ticker, row).build();
  }

  private PendingCall submit(VersionServer server, long... row) {
    return server.submit(List.of(request(row))).orElseThrow().getFirst();
  }

  private static boolean step(VersionServer server) {
    return server.dispatchers().getFirst().step();
  }

  private static void assertSum(float expected, PendingCall call) throws InterruptedException {
    assertTrue(call.isOverWithin(0));
    try (InferResponse response = call.await()) {
      assertArrayEquals(new float[] {expected}, response.outputs().getLast().tensor().toFloats());
    }
  }

  @Test
  void aRequestOfAKnownQuickSizeIsAnsweredBeforeSubmittingReturns() throws InterruptedException {
    VersionServer server = server(Duration.ZERO);
    PendingCall unknown = submit(server, 1, 2);
    assertFalse(unknown.isOverWithin(0));
    assertTrue(step(server));
    assertSum(3, unknown);
    assertSum(7, submit(server, 3, 4));
    assertEquals(0, server.load().queuedRows());
  }

  @Test
  void largerAndSlowOnesAreLeftToTheInstancesThread() throws InterruptedException {
    VersionServer server = server(Duration.ZERO);
    whileRunning.set(() -> ticker.advance(Duration.ofNanos(QuickRuns.QUICK_NANOS + 1)));
    submit(server, 1, 2);
    step(server);
    PendingCall afterSlow = submit(server, 1, 2);
    assertFalse(afterSlow.isOverWithin(0));
    step(server);
    PendingCall larger = submit(server, 1, 2, 3);
    assertFalse(larger.isOverWithin(0));
    step(server);
    assertSum(6, larger);
  }

  @Test
  void requestsThatWaitForCompanyOrComeTogetherAreLeft() throws InterruptedException {
    VersionServer waiting = server(Duration.ofMillis(1));
    submit(waiting, 1, 2);
    ticker.advance(Duration.ofMillis(1));
    assertTrue(step(waiting));
    assertFalse(submit(waiting, 3, 4).isOverWithin(0));

    VersionServer server = server(Duration.ZERO);
    submit(server, 1, 2);
    step(server);
    List<PendingCall> both = server.submit(List.of(request(3), request(4))).orElseThrow();
    assertFalse(both.getFirst().isOverWithin(0));
    step(server);
    assertSum(3, both.getFirst());
    assertSum(4, both.getLast());
    assertEquals(2, model.runs().getLast().extent(0));
  }

  @Test
  void whatComesDuringARunOfACallerWaitsForTheInstancesThread() throws InterruptedException {
    VersionServer server = server(Duration.ZERO);
    submit(server, 1, 2);
    step(server);
    AtomicReference<PendingCall> second = new AtomicReference<>();
    whileRunning.set(() -> second.set(submit(server, 5)));
    assertSum(4, submit(server, 4));
    assertFalse(second.get().isOverWithin(0));
    assertTrue(step(server));
    assertSum(5, second.get());
  }

  @Test
  void aRunThatBreaksFailsItsRequestAndTheNextIsAnswered() throws InterruptedException {
    VersionServer server = server(Duration.ZERO);
    submit(server, 1, 2);
    step(server);
    PendingCall broken = submit(server, FakeModel.POISON);
    assertEquals(ErrorCode.INTERNAL, assertThrows(ServingException.class, broken::await).code());
    whileRunning.set(() -> {
      throw new StackOverflowError();
    });
    PendingCall worse = submit(server, 1);
    assertEquals(ErrorCode.INTERNAL, assertThrows(ServingException.class, worse::await).code());
    assertSum(9, submit(server, 9));
    assertEquals(0, server.load().queuedRequests());
  }
}
