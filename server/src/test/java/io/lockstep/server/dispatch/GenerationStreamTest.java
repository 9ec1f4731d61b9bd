package io.lockstep.server.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.server.fakes.FakeTicker;
import io.lockstep.server.generation.SequenceOutput;
import io.lockstep.server.serving.ErrorCode;
import io.lockstep.server.serving.FinishReason;
import io.lockstep.server.serving.GenerationEvent;
import io.lockstep.server.serving.PhaseClock;
import io.lockstep.server.serving.ServingException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class GenerationStreamTest {

  /** Notes what it is told. */
  private static final class Notes implements GenerationStream.Listener {
    final List<String> told = new ArrayList<>();

    @Override
    public void leftQueue() {
      told.add("left queue");
    }

    @Override
    public void over(@Nullable ServingException problem) {
      told.add(problem == null ? "over" : "failed");
    }

    @Override
    public void wake() {
      told.add("wake");
    }

    @Override
    public void answered() {
      told.add("answered");
    }
  }

  private final Notes notes = new Notes();

  private GenerationStream stream(int choices) {
    return new GenerationStream("1", 4, choices, PhaseClock.start(new FakeTicker()), notes);
  }

  @Test
  void aReaderThatLagsPausesItsTextAndWakesItHavingCaughtUp() throws InterruptedException {
    GenerationStream stream = stream(1);
    SequenceOutput output = stream.output(0);
    output.started(0);
    int events = 0;
    while (output.hasRoom()) {
      output.text("a", List.of());
      events++;
    }
    assertEquals(GenerationStream.CAPACITY, events, "no more than this is ever held");
    while (!output.hasRoom()) {
      assertFalse(notes.told.contains("wake"));
      stream.next(0);
      events--;
    }
    assertEquals(List.of("left queue", "wake"), notes.told);
    assertEquals(GenerationStream.CAPACITY / 2, events);
  }

  @Test
  void eventsComeInOrderAndThenNothing() throws InterruptedException {
    GenerationStream stream = stream(1);
    SequenceOutput output = stream.output(0);
    assertNull(stream.next(0));
    output.started(0);
    output.text("a", List.of());
    output.finished(FinishReason.END, 2, 0);
    assertEquals(new GenerationEvent.Text(0, "a", List.of()), stream.next(0));
    assertEquals(new GenerationEvent.Finished(0, FinishReason.END, 2, 0), stream.next(0));
    assertEquals(List.of("left queue", "over", "answered"), notes.told);
  }

  @Test
  void whatWasGeneratedBeforeAFailureIsReadBeforeIt() throws InterruptedException {
    GenerationStream stream = stream(2);
    SequenceOutput first = stream.output(0);
    SequenceOutput second = stream.output(1);
    first.started(0);
    first.text("a", List.of());
    first.failed(new ServingException(ErrorCode.INTERNAL, "broken"));
    assertTrue(second.isCancelled(), "the other texts of the request have no reader");
    second.failed(new ServingException(ErrorCode.CANCELLED, "cancelled"));
    assertEquals(new GenerationEvent.Text(0, "a", List.of()), stream.next(0));
    ServingException problem = assertThrows(ServingException.class, () -> stream.next(0));
    assertEquals(ErrorCode.INTERNAL, problem.code());
    assertEquals(List.of("left queue", "left queue", "failed"), notes.told);
  }

  @Test
  void cancellingWakesWhoeverGenerates() {
    GenerationStream stream = stream(1);
    stream.cancel();
    assertTrue(stream.output(0).isCancelled());
    assertEquals(List.of("wake"), notes.told);
  }
}
