package io.lockstep.server.batching;

import io.lockstep.runtime.BatchTraits.Axes;
import io.lockstep.runtime.GraphSession.Binding;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.server.serving.BatchInfo;
import io.lockstep.server.serving.InferRequest;
import io.lockstep.server.serving.SequenceControl;
import io.lockstep.server.serving.ServingException;
import io.lockstep.server.serving.TensorMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A request that was admitted, from the queue to its answer. It is done once: answered, failed,
 * expired or cancelled, whichever comes first. Its input memory is given back by the dispatcher
 * when the last part has left the queue or the run, never while a run may still read it.
 */
public final class PendingRequest {

  /**
   * What the model answered.
   *
   * @param outputs those wanted, in the order wanted, all rows together
   * @param memory owns the outputs; the receiver closes it
   * @param batch that the last part ran in
   */
  public record Answer(List<Tensor> outputs, TensorMemory memory, BatchInfo batch) {
    public Answer {
      outputs = List.copyOf(outputs);
    }
  }

  /** Told what becomes of a request. Called by the dispatcher, and by whoever ends a request. */
  public interface Listener {

    /** A part no longer takes room in the queue; {@code last} when it was the last to do so. */
    void roomReleased(RequestPart part, boolean last);

    /** The answer is complete and about to be handed over. */
    void answered(PendingRequest request);

    /** The request is about to be told of its failure. */
    void failed(PendingRequest request, ServingException problem);

    /** The request is over for the dispatcher too: nothing of it is waiting or running. */
    void left(PendingRequest request);
  }

  private final InferRequest request;
  private List<Tensor> inputs;
  private final long bytes;
  private final List<Integer> outputs;
  private final BatchRules rules;
  private final long arrivalNanos;
  private final Listener listener;
  private final List<RequestPart> parts;
  private final @Nullable JoinedOutputs joined;
  private final CompletableFuture<Answer> answer = new CompletableFuture<>();
  private final AtomicBoolean settled = new AtomicBoolean();
  private final AtomicInteger partsWaiting;
  private int partsInside;
  private @Nullable SequenceState state;
  private boolean delivered;

  /**
   * An admitted request.
   *
   * @param inputs in the signature's order
   * @param outputs indexes into the signature's outputs, in the order wanted
   * @param arrivalNanos from when its waiting counts
   */
  public PendingRequest(
      InferRequest request,
      List<Tensor> inputs,
      List<Integer> outputs,
      BatchRules rules,
      long arrivalNanos,
      Listener listener) {
    this.request = request;
    this.inputs = List.copyOf(inputs);
    this.bytes = bytes(inputs);
    this.outputs = List.copyOf(outputs);
    this.rules = rules;
    this.arrivalNanos = arrivalNanos;
    this.listener = listener;
    this.parts = split();
    this.partsWaiting = new AtomicInteger(parts.size());
    this.partsInside = parts.size();
    this.joined = parts.size() > 1 ? new JoinedOutputs(parts.size(), outputAxes()) : null;
  }

  private List<Axes> outputAxes() {
    return outputs.stream().map(rules.traits().outputs()::get).toList();
  }

  private List<RequestPart> split() {
    int rows = rules.rows(inputs);
    int most = rules.maxBatchRows(rules.length(inputs));
    Object key = rules.key(inputs);
    if (rows <= most || !rules.hasBatchAxis()) {
      return List.of(new RequestPart(this, 0, 0, rows, Math.max(most, rows), key));
    }
    List<RequestPart> split = new ArrayList<>();
    for (int first = 0; first < rows; first += most) {
      int count = Math.min(most, rows - first);
      split.add(new RequestPart(this, split.size(), first, count, most, key));
    }
    return List.copyOf(split);
  }

  public InferRequest request() {
    return request;
  }

  public List<Tensor> inputs() {
    return inputs;
  }

  /**
   * The step of a sequence may run. Called by the dispatcher's thread.
   *
   * @param sequence takes what the step leaves, once it is answered
   * @param all the inputs with those that the sequence holds
   */
  public void resume(SequenceState sequence, List<Tensor> all) {
    state = sequence;
    inputs = List.copyOf(all);
    parts.forEach(part -> part.rekey(rules.key(inputs)));
  }

  /** Keeps what a run that is not yet answered leaves to the next step of its sequence. */
  public void prepareState(BatchAssembler assembler, Binding run, int row) {
    if (state != null) {
      state.prepare(assembler, run, row);
    }
  }

  /** Whether the answer was handed over. Told to the dispatcher's thread alone. */
  public boolean isDelivered() {
    return delivered;
  }

  /** Indexes into the signature's outputs, in the order wanted. */
  public List<Integer> outputs() {
    return outputs;
  }

  public BatchRules rules() {
    return rules;
  }

  /** In the order of their rows; one unless the request is larger than a batch may be. */
  public List<RequestPart> parts() {
    return parts;
  }

  /** Bytes of all inputs that came with the request, those of texts included. */
  public long bytes() {
    return bytes;
  }

  private static long bytes(List<Tensor> inputs) {
    long bytes = 0;
    for (Tensor input : inputs) {
      bytes += input.type().bytes();
      if (input.dtype() == DType.STRING) {
        for (byte[] text : input.strings()) {
          bytes += text == null ? 0 : text.length;
        }
      }
    }
    return bytes;
  }

  /** Rows of all parts. */
  public int rows() {
    int rows = 0;
    for (RequestPart part : parts) {
      rows += part.rows();
    }
    return rows;
  }

  public long arrivalNanos() {
    return arrivalNanos;
  }

  /** Completes with the answer or with a {@link ServingException}. */
  public CompletableFuture<Answer> answer() {
    return answer;
  }

  /** Whether it was answered or ended otherwise; what is left of it is not wanted any more. */
  public boolean isDone() {
    return settled.get();
  }

  /**
   * A part was run. Takes the outputs over: they become the answer or part of it, or are closed
   * when nobody wants them any more.
   */
  public void partAnswered(RequestPart part, Answer outputs) {
    Answer whole = joined == null ? outputs : joined.add(part.index(), outputs);
    if (whole == null) {
      return;
    }
    if (settled.compareAndSet(false, true)) {
      delivered = true;
      if (state != null) {
        state.commit();
      }
      listener.answered(this);
      answer.complete(whole);
    } else {
      whole.memory().close();
    }
  }

  /**
   * Ends the request without an answer; parts still waiting leave when they are next looked at.
   *
   * @return false when it was done already
   */
  public boolean fail(ServingException problem) {
    if (!settled.compareAndSet(false, true)) {
      return false;
    }
    parts.forEach(this::releaseRoom);
    listener.failed(this, problem);
    answer.completeExceptionally(problem);
    return true;
  }

  /** As {@link #fail}; a step of a sequence is also told that it has not happened. */
  public boolean failStep(ServingException problem) {
    SequenceControl step = request.sequence();
    if (step == null) {
      return fail(problem);
    }
    String fate =
        step.start()
            ? "sequence %s is as it was before this step"
            : "sequence %s continues from before this step";
    return fail(problem.withMessage(problem.getMessage() + "; " + fate.formatted(step.id())));
  }

  /** A part is about to run or was dropped, and takes no room in the queue from here on. */
  public void releaseRoom(RequestPart part) {
    if (part.releaseRoom()) {
      listener.roomReleased(part, partsWaiting.decrementAndGet() == 0);
    }
  }

  /** The dispatcher has done with a part, run or dropped. Called by its thread alone. */
  public void partLeft(RequestPart part) {
    releaseRoom(part);
    partsInside--;
    if (partsInside == 0) {
      request.memory().close();
      if (joined != null) {
        joined.close();
      }
      listener.left(this);
    }
  }
}
