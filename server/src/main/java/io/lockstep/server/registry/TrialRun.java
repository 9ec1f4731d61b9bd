package io.lockstep.server.registry;

import io.lockstep.runtime.GraphSession;
import io.lockstep.runtime.GraphSession.Binding;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.server.batching.BatchAssembler;
import io.lockstep.server.batching.BatchRules;
import io.lockstep.server.batching.PendingRequest;
import io.lockstep.server.batching.RequestPart;
import io.lockstep.server.serving.InferRequest;
import io.lockstep.server.serving.PhaseClock;
import io.lockstep.server.serving.ServingException;
import io.lockstep.server.serving.TensorMemory;
import io.lockstep.server.serving.Ticker;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Runs made-up requests through a session as a dispatcher would, before there is one. */
final class TrialRun {

  private final GraphSession session;
  private final BatchRules rules;
  private final Ticker ticker;

  TrialRun(GraphSession session, BatchRules rules, Ticker ticker) {
    this.session = session;
    this.rules = rules;
    this.ticker = ticker;
  }

  /**
   * Runs items together.
   *
   * @param items the inputs of each
   * @param paddedLength what their length axes are padded to; 0 leaves them
   * @param memory owns the outputs
   * @return the outputs of each
   */
  List<List<Tensor>> run(List<List<Tensor>> items, int paddedLength, TensorMemory memory) {
    List<RequestPart> parts = items.stream().map(this::part).toList();
    BatchAssembler assembler = new BatchAssembler(rules);
    Binding run = session.bind(assembler.inputShapes(parts, parts.size(), paddedLength));
    assembler.gather(parts, run);
    run.run(parts.size(), assembler.validLengths(parts, parts.size(), paddedLength));
    List<List<Tensor>> outputs = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      outputs.add(assembler.scatter(run, parts.get(i), i, paddedLength, memory));
    }
    return outputs;
  }

  private RequestPart part(List<Tensor> inputs) {
    InferRequest request =
        InferRequest.builder("", new TensorMemory(), PhaseClock.start(ticker)).build();
    List<Integer> outputs = IntStream.range(0, rules.traits().outputs().size()).boxed().toList();
    return new PendingRequest(request, inputs, outputs, rules, 0, new Nobody()).parts().getFirst();
  }

  /** Nobody waits for trial runs. */
  private static final class Nobody implements PendingRequest.Listener {

    @Override
    public void roomReleased(RequestPart part, boolean last) {}

    @Override
    public void answered(PendingRequest request) {}

    @Override
    public void failed(PendingRequest request, ServingException problem) {}

    @Override
    public void left(PendingRequest request) {}
  }
}
