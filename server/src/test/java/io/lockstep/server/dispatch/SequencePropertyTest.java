package io.lockstep.server.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.server.fakes.FakeRecurrent;
import io.lockstep.server.fakes.Seeds;
import io.lockstep.server.serving.Deadline;
import io.lockstep.server.serving.ErrorCode;
import io.lockstep.server.serving.InferRequest;
import io.lockstep.server.serving.ServingException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Sequences begin, step, end, fail and are given up in whatever order: every answer has the bits
 * that the steps which were answered give when the sequence runs alone.
 */
final class SequencePropertyTest {

  private static final int IDS = 9;

  private record Sent(PendingCall call, long id, String marks, float x) {}

  @Test
  void everySequenceIsWhatItWouldBeAlone() {
    Seeds.forAll(
        300,
        random -> {
          boolean batches = random.nextInt(4) > 0;
          FakeRecurrent model = batches ? FakeRecurrent.batching() : FakeRecurrent.single();
          SequenceFixture fixture = new SequenceFixture(model, random.nextInt(1, 3));
          List<Sent> sent = new ArrayList<>();
          for (int action = 0; action < 120; action++) {
            switch (random.nextInt(7)) {
              case 0, 1, 2, 3 -> submit(fixture, random, sent);
              case 4 -> fixture.step();
              case 5 -> fixture.ticker.advance(Duration.ofNanos(random.nextInt(1_000_000)));
              default -> {
                if (!sent.isEmpty()) {
                  sent.get(random.nextInt(sent.size())).call().cancel();
                }
              }
            }
            assertTrue(fixture.server.load().liveSequences() <= SequenceFixture.MAX_SEQUENCES);
          }
          fixture.stepUntilIdle();
          for (long id = 0; id < IDS; id++) {
            replay(sent, id);
          }
          assertEquals(0, fixture.server.load().queuedRows());
          assertTrue(model.runs().stream().allMatch(rows -> rows <= (batches ? 4 : 1)));
          fixture.ticker.advance(SequenceFixture.TIMEOUT);
          fixture.step();
          assertEquals(0, fixture.server.load().liveSequences());
          assertEquals(0, fixture.server.load().sequenceBytes());
        });
  }

  private static void submit(SequenceFixture fixture, Random random, List<Sent> sent) {
    long id = random.nextInt(IDS);
    String marks = (random.nextInt(4) == 0 ? "+" : "") + (random.nextInt(8) == 0 ? "-" : "");
    float x = random.nextInt(10) == 0 ? FakeRecurrent.POISON : random.nextFloat();
    InferRequest.Builder request = fixture.request(id, marks, x).priority(random.nextInt(3));
    if (random.nextInt(6) == 0) {
      Duration timeout = Duration.ofNanos(random.nextInt(1, 2_000_000));
      request.deadline(Deadline.after(timeout, fixture.ticker.nanos()));
    }
    try {
      sent.add(new Sent(fixture.submit(request.build()), id, marks, x));
    } catch (ServingException full) {
      assertEquals(ErrorCode.OVERLOADED, full.code());
    }
  }

  /** Runs the steps that were answered one after the other. */
  private static void replay(List<Sent> sent, long id) {
    float @Nullable [] state = null;
    for (Sent step : sent) {
      if (step.id() != id) {
        continue;
      }
      float answer;
      try {
        answer = SequenceFixture.answer(step.call());
      } catch (ServingException failed) {
        boolean unknown =
            failed.code() == ErrorCode.INVALID_ARGUMENT && !step.marks().contains("+");
        assertTrue(!unknown || state == null, "a sequence was lost: " + failed.getMessage());
        assertTrue(
            failed.code() != ErrorCode.INTERNAL || step.x() == FakeRecurrent.POISON,
            failed.getMessage());
        continue;
      }
      if (step.marks().contains("+")) {
        state = new float[2];
      }
      assertTrue(state != null, "a step of no sequence was answered");
      assertEquals(FakeRecurrent.step(state, step.x()), answer);
      if (step.marks().contains("-")) {
        state = null;
      }
    }
  }
}
