package io.lockstep.server.dispatch;

import io.lockstep.runtime.GraphModel;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import io.lockstep.runtime.tensor.Tensors;
import io.lockstep.server.batching.SequenceRules;
import io.lockstep.server.fakes.FakeTicker;
import io.lockstep.server.serving.BatchSettings;
import io.lockstep.server.serving.InferRequest;
import io.lockstep.server.serving.InferResponse;
import io.lockstep.server.serving.NamedTensor;
import io.lockstep.server.serving.PhaseClock;
import io.lockstep.server.serving.SequenceControl;
import io.lockstep.server.serving.SequenceId;
import io.lockstep.server.serving.TensorMemory;
import java.time.Duration;
import java.util.List;

/** A version server over {@link io.lockstep.server.fakes.FakeRecurrent}, stepped by a test. */
final class SequenceFixture {

  static final Duration TIMEOUT = Duration.ofSeconds(60);
  static final int MAX_SEQUENCES = 6;

  final FakeTicker ticker = new FakeTicker();
  final VersionServer server;

  SequenceFixture(GraphModel model, int instances) {
    SequenceRules rules =
        new SequenceRules(
            List.of(
                new SequenceRules.State(1, 1, Tensors.zeros(TensorType.of(DType.FLOAT32, 2, 1)))),
            TIMEOUT,
            MAX_SEQUENCES);
    BatchSettings settings = new BatchSettings(4, Duration.ZERO, 64, instances);
    server = ServerFixture.stepped(ServerFixture.version(model, settings, rules), ticker);
  }

  /** A step of sequence {@code id}: {@code "+"} in {@code marks} starts it, {@code "-"} ends it. */
  InferRequest.Builder request(long id, String marks, float... x) {
    TensorMemory memory = new TensorMemory();
    Tensor input = memory.allocate(TensorType.of(DType.FLOAT32, x.length));
    for (int i = 0; i < x.length; i++) {
      input.setFloat(i, x[i]);
    }
    return InferRequest.builder(ServerFixture.MODEL, memory, PhaseClock.start(ticker))
        .inputs(List.of(new NamedTensor("x", input)))
        .sequence(new SequenceControl(SequenceId.of(id), marks.contains("+"), marks.contains("-")));
  }

  PendingCall submit(InferRequest request) {
    return server.submit(List.of(request)).orElseThrow().getFirst();
  }

  PendingCall submit(long id, String marks, float x) {
    return submit(request(id, marks, x).build());
  }

  /** One duty cycle of every instance; whether any ran something. */
  boolean step() {
    boolean ran = false;
    for (ModelDispatcher dispatcher : server.dispatchers()) {
      ran |= dispatcher.step();
    }
    return ran;
  }

  void stepUntilIdle() {
    while (server.dispatchers().stream().anyMatch(dispatcher -> dispatcher.load() > 0)) {
      step();
    }
  }

  /** The one output that a step has unless it asks for its state. */
  static float answer(PendingCall call) {
    try (InferResponse response = call.await()) {
      return response.outputs().getFirst().tensor().getFloat(0);
    } catch (InterruptedException impossible) {
      throw new AssertionError(impossible);
    }
  }
}
