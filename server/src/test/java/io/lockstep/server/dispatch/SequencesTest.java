package io.lockstep.server.dispatch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import io.lockstep.runtime.tensor.Tensors;
import io.lockstep.server.fakes.FakeModel;
import io.lockstep.server.fakes.FakeRecurrent;
import io.lockstep.server.fakes.TextRequests;
import io.lockstep.server.serving.Deadline;
import io.lockstep.server.serving.ErrorCode;
import io.lockstep.server.serving.InferRequest;
import io.lockstep.server.serving.InferResponse;
import io.lockstep.server.serving.NamedTensor;
import io.lockstep.server.serving.SequenceControl;
import io.lockstep.server.serving.SequenceId;
import io.lockstep.server.serving.ServingException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SequencesTest {

  private final FakeRecurrent model = FakeRecurrent.batching();
  private final SequenceFixture fixture = new SequenceFixture(model, 1);

  private static ServingException failure(PendingCall call) {
    return assertThrows(ServingException.class, call::await);
  }

  private static void refuses(SequenceFixture fixture, InferRequest request, String message) {
    ServingException refusal = assertThrows(ServingException.class, () -> fixture.submit(request));
    assertEquals(ErrorCode.INVALID_ARGUMENT, refusal.code());
    assertEquals(message, refusal.getMessage());
    request.memory().close();
  }

  @Test
  void stepsOfManySequencesShareARunAndThoseOfOneDoNot() {
    PendingCall a1 = fixture.submit(1, "+", 1);
    PendingCall a2 = fixture.submit(1, "", 2);
    PendingCall b1 = fixture.submit(2, "+", 3);
    PendingCall b2 = fixture.submit(2, "-", 4);
    assertTrue(fixture.step());
    assertTrue(fixture.step());
    assertEquals(List.of(2, 2), model.runs());
    float[] a = new float[2];
    float[] b = new float[2];
    assertEquals(FakeRecurrent.step(a, 1), SequenceFixture.answer(a1));
    assertEquals(FakeRecurrent.step(a, 2), SequenceFixture.answer(a2));
    assertEquals(FakeRecurrent.step(b, 3), SequenceFixture.answer(b1));
    assertEquals(FakeRecurrent.step(b, 4), SequenceFixture.answer(b2));
    assertEquals(1, fixture.server.load().liveSequences());
  }

  @Test
  void modelOfOneRowCarriesStateToo() {
    FakeRecurrent single = FakeRecurrent.single();
    SequenceFixture alone = new SequenceFixture(single, 1);
    float[] state = new float[2];
    for (int i = 0; i < 5; i++) {
      PendingCall call = alone.submit(1, i == 0 ? "+" : "", i + 1);
      PendingCall other = alone.submit(2, i == 0 ? "+" : "", 100 + i);
      alone.stepUntilIdle();
      assertEquals(FakeRecurrent.step(state, i + 1), SequenceFixture.answer(call));
      SequenceFixture.answer(other);
    }
    assertEquals(10, single.runs().size());
  }

  @Test
  void stepsThatFailHaveNotHappened() {
    PendingCall first = fixture.submit(1, "+", 1);
    fixture.stepUntilIdle();
    PendingCall poison = fixture.submit(1, "-", FakeRecurrent.POISON);
    PendingCall cancelled = fixture.submit(1, "", 50);
    PendingCall expired =
        fixture.submit(
            fixture
                .request(1, "", 60)
                .deadline(Deadline.after(Duration.ofMillis(1), fixture.ticker.nanos()))
                .build());
    PendingCall last = fixture.submit(1, "", 2);
    cancelled.cancel();
    fixture.ticker.advance(Duration.ofMillis(1));
    fixture.stepUntilIdle();
    float[] state = new float[2];
    assertEquals(FakeRecurrent.step(state, 1), SequenceFixture.answer(first));
    assertEquals(FakeRecurrent.step(state, 2), SequenceFixture.answer(last));
    assertEquals(
        "the model failed to run; sequence 1 continues from before this step",
        failure(poison).getMessage());
    assertEquals(ErrorCode.CANCELLED, failure(cancelled).code());
    ServingException late = failure(expired);
    assertEquals(ErrorCode.DEADLINE_EXCEEDED, late.code());
    assertTrue(
        late.getMessage().endsWith("; sequence 1 continues from before this step"),
        late.getMessage());
  }

  @Test
  void memoryOfStatesIsCountedAndGivenBack() {
    fixture.submit(1, "+", 1);
    fixture.submit(2, "+", 1);
    fixture.stepUntilIdle();
    fixture.submit(1, "", 1);
    fixture.stepUntilIdle();
    assertEquals(
        8 * 3, fixture.server.load().sequenceBytes(), "two sets of the first, one of the second");
    assertEquals(8 * 3, fixture.server.statistics().memory().sequences());
    fixture.submit(1, "-", 1);
    fixture.stepUntilIdle();
    assertEquals(8, fixture.server.load().sequenceBytes());
    fixture.ticker.advance(SequenceFixture.TIMEOUT);
    fixture.step();
    assertEquals(0, fixture.server.load().sequenceBytes());
    assertEquals(0, fixture.server.load().liveSequences());
  }

  @Test
  void stateIsAnsweredOnlyWhereItIsAskedFor() throws InterruptedException {
    PendingCall plain = fixture.submit(1, "+", 3);
    PendingCall asked =
        fixture.submit(fixture.request(1, "", 4).outputs(List.of("stateN")).build());
    fixture.stepUntilIdle();
    float[] state = new float[2];
    FakeRecurrent.step(state, 3);
    FakeRecurrent.step(state, 4);
    try (InferResponse first = plain.await();
        InferResponse second = asked.await()) {
      assertEquals(List.of("y"), first.outputs().stream().map(NamedTensor::name).toList());
      assertEquals(List.of("stateN"), second.outputs().stream().map(NamedTensor::name).toList());
      assertArrayEquals(state, second.outputs().getFirst().tensor().toFloats());
    }
  }

  @Test
  void startMayGiveTheStateToBeginWith() {
    InferRequest plain = fixture.request(1, "+", 3).build();
    Tensor given = Tensors.zeros(TensorType.of(DType.FLOAT32, 2, 1));
    given.setFloat(0, 8);
    given.setFloat(1, 9);
    List<NamedTensor> inputs = new ArrayList<>(plain.inputs());
    inputs.add(new NamedTensor("state", given));
    PendingCall call = fixture.submit(fixture.request(1, "+", 3).inputs(inputs).build());
    fixture.stepUntilIdle();
    assertEquals(FakeRecurrent.step(new float[] {8, 9}, 3), SequenceFixture.answer(call));
    refuses(
        fixture,
        fixture.request(1, "", 3).inputs(inputs).build(),
        "input 'state' is kept by the server for sequence 1; "
            + "only a request with sequence_start may give it");
  }

  @Test
  void stepHasOneRow() {
    refuses(
        fixture,
        fixture.request(1, "+", 3, 4).build(),
        "a step of a sequence has one row but input 'x' holds 2");
  }

  @Test
  void modelWithoutStateHasNoSequences() {
    FakeModel stateless = FakeModel.padded();
    VersionServer server =
        ServerFixture.stepped(
            ServerFixture.version(stateless, 4, 8, Duration.ZERO, 1), fixture.ticker);
    InferRequest request =
        TextRequests.of(ServerFixture.MODEL, fixture.ticker, new long[] {1})
            .sequence(new SequenceControl(SequenceId.of(1), true, false))
            .build();
    ServingException refusal =
        assertThrows(ServingException.class, () -> server.submit(List.of(request)));
    assertEquals(
        "the model keeps no state between requests, so that it has no sequences",
        refusal.getMessage());
  }

  @Test
  void retiringWaitsForSequencesAndTakesNothingElse() throws Exception {
    PendingCall first = fixture.submit(1, "+", 1);
    fixture.stepUntilIdle();
    SequenceFixture.answer(first);
    Thread retiring = Thread.ofVirtual().start(() -> fixture.server.retire(Duration.ofSeconds(60)));
    while (fixture.server.submit(List.of(fixture.request(2, "+", 1).build())).isPresent()) {
      fixture.stepUntilIdle();
      fixture.submit(2, "-", 1);
      fixture.stepUntilIdle();
    }
    PendingCall last = fixture.submit(1, "-", 2);
    fixture.stepUntilIdle();
    float[] state = new float[2];
    FakeRecurrent.step(state, 1);
    assertEquals(FakeRecurrent.step(state, 2), SequenceFixture.answer(last));
    retiring.join();
    assertTrue(fixture.server.submit(List.of(fixture.request(1, "", 1).build())).isEmpty());
  }
}
