package io.lockstep.server.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.runtime.BatchTraits.Mode;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.server.fakes.FakeModel;
import io.lockstep.server.fakes.FakeModel.Flaw;
import io.lockstep.server.fakes.FakeTicker;
import io.lockstep.server.fakes.Seeds;
import io.lockstep.server.fakes.TextRequests;
import io.lockstep.server.metrics.MetricsOptions;
import io.lockstep.server.metrics.ServingMetrics;
import io.lockstep.server.serving.Deadline;
import io.lockstep.server.serving.ErrorCode;
import io.lockstep.server.serving.InferRequest;
import io.lockstep.server.serving.InferResponse;
import io.lockstep.server.serving.ServingException;
import io.lockstep.server.serving.SystemTicker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever is submitted, cancelled, expired, split or refused, in whatever order: every request is
 * over in the end, and an answer holds its own request's data.
 */
final class DispatchPropertyTest {

  private static final int MAX_ROWS = 4;
  private static final int QUEUE_ROWS = 24;
  private static final List<Mode> MODES = List.of(Mode.values());

  /** A request as the test remembers it. */
  private record Sent(PendingCall call, List<List<Long>> rows, boolean guilty) {}

  @Test
  void everyAnswerHoldsItsOwnRequestsData() {
    Seeds.forAll(
        300,
        random -> {
          FakeTicker ticker = new FakeTicker();
          Mode mode = MODES.get(random.nextInt(MODES.size()));
          FakeModel model = new FakeModel(mode, Flaw.NONE, 1);
          Duration delay = random.nextBoolean() ? Duration.ZERO : Duration.ofMillis(3);
          VersionServer server =
              ServerFixture.stepped(
                  ServerFixture.version(model, MAX_ROWS, QUEUE_ROWS, delay, 1), ticker);
          ModelDispatcher dispatcher = server.dispatchers().getFirst();
          if (random.nextBoolean()) {
            dispatcher.letCallersRun();
          }
          List<Sent> sent = new ArrayList<>();
          for (int action = 0; action < 60; action++) {
            switch (random.nextInt(6)) {
              case 0, 1, 2 -> submit(server, ticker, random, sent);
              case 3 -> dispatcher.step();
              case 4 -> ticker.advance(Duration.ofNanos(random.nextInt(4_000_000)));
              default -> {
                if (!sent.isEmpty()) {
                  sent.get(random.nextInt(sent.size())).call().cancel();
                }
              }
            }
            assertTrue(server.load().queuedRows() >= 0 && server.load().queuedRequests() >= 0);
          }
          while (dispatcher.load() > 0) {
            ticker.advance(Duration.ofMillis(3));
            dispatcher.step();
          }
          for (Sent request : sent) {
            check(request);
          }
          assertEquals(0, server.load().queuedRows());
          assertEquals(0, server.load().queuedRequests());
          for (Shape run : model.runs()) {
            assertTrue(run.extent(0) <= (mode == Mode.NONE ? 1 : MAX_ROWS), "run " + run);
          }
        });
  }

  private static void submit(
      VersionServer server, FakeTicker ticker, Random random, List<Sent> sent) {
    int length = random.nextInt(1, 40);
    int count = random.nextInt(8) == 0 ? random.nextInt(1, 30) : random.nextInt(1, 4);
    boolean guilty = random.nextInt(8) == 0;
    List<List<Long>> rows = new ArrayList<>();
    long[][] ids = new long[count][length];
    for (long[] row : ids) {
      List<Long> copy = new ArrayList<>();
      for (int i = 0; i < length; i++) {
        row[i] = random.nextInt(1, 1000);
        copy.add(row[i]);
      }
      rows.add(copy);
    }
    if (guilty) {
      ids[random.nextInt(count)][random.nextInt(length)] =
          random.nextBoolean() ? FakeModel.GUILTY : FakeModel.POISON;
    }
    InferRequest.Builder request =
        TextRequests.of(ServerFixture.MODEL, ticker, ids).priority(random.nextInt(3));
    if (random.nextInt(4) == 0) {
      Duration timeout = Duration.ofNanos(random.nextInt(1, 5_000_000));
      request.deadline(Deadline.after(timeout, ticker.nanos()));
    }
    try {
      server
          .submit(List.of(request.build()))
          .orElseThrow()
          .forEach(call -> sent.add(new Sent(call, rows, guilty)));
    } catch (ServingException refused) {
      assertEquals(ErrorCode.OVERLOADED, refused.code());
    }
  }

  private static void check(Sent request) {
    try (InferResponse response = request.call().await()) {
      assertTrue(!request.guilty(), "a guilty request was answered");
      assertEquals(request.rows().size(), response.outputs().get(1).tensor().size());
      int length = request.rows().getFirst().size();
      for (int row = 0; row < request.rows().size(); row++) {
        long sum = 0;
        for (int i = 0; i < length; i++) {
          long id = request.rows().get(row).get(i);
          long at = 2L * (row * length + i);
          assertEquals((float) id, response.outputs().getFirst().tensor().getFloat(at));
          sum += id;
        }
        assertEquals((float) sum, response.outputs().get(1).tensor().getFloat(row));
      }
    } catch (ServingException failed) {
      boolean expected =
          failed.code() == ErrorCode.CANCELLED
              || failed.code() == ErrorCode.DEADLINE_EXCEEDED
              || request.guilty();
      assertTrue(expected, failed.code() + ": " + failed.getMessage());
    } catch (InterruptedException impossible) {
      throw new AssertionError(impossible);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 100_000})
  @Timeout(value = 60, unit = TimeUnit.SECONDS)
  void manyClientsOfStartedInstancesGetTheirOwnAnswers(long delayNanos) throws Exception {
    SystemTicker ticker = new SystemTicker();
    FakeModel model = FakeModel.padded();
    VersionServer server =
        VersionServer.factory(
                1 << 20,
                ticker,
                new ServingMetrics(MetricsOptions.DEFAULTS),
                new RecentBatches(8),
                new SequenceHomes())
            .serve(ServerFixture.version(model, 8, 1000, Duration.ofNanos(delayNanos), 2));
    AtomicInteger answered = new AtomicInteger();
    List<Future<?>> clients = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int client = 0; client < 32; client++) {
        Random random = new Random(client);
        clients.add(
            threads.submit(() -> {
              for (int i = 0; i < 100; i++) {
                long[] row = random.longs(random.nextInt(1, 30), 1, 100).toArray();
                PendingCall call =
                    server
                        .submit(List.of(TextRequests.of(ServerFixture.MODEL, ticker, row).build()))
                        .orElseThrow()
                        .getFirst();
                if (random.nextInt(10) == 0) {
                  call.abandon();
                  continue;
                }
                try (InferResponse response = call.await()) {
                  float sum = (float) Arrays.stream(row).sum();
                  assertEquals(sum, response.outputs().get(1).tensor().getFloat(0));
                  answered.incrementAndGet();
                }
              }
              return null;
            }));
      }
      for (Future<?> client : clients) {
        client.get();
      }
    }
    server.retire(Duration.ofSeconds(10));
    assertTrue(answered.get() > 2000);
    assertEquals(0, model.openSessions());
    assertEquals(0, server.load().queuedRows());
    assertEquals(0, server.load().queuedRequests());
  }
}
