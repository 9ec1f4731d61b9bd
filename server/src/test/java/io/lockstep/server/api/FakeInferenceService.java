package io.lockstep.server.api;

import io.lockstep.runtime.TensorSpec;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.server.serving.BatchInfo;
import io.lockstep.server.serving.CloseReason;
import io.lockstep.server.serving.ErrorCode;
import io.lockstep.server.serving.InferCall;
import io.lockstep.server.serving.InferRequest;
import io.lockstep.server.serving.InferResponse;
import io.lockstep.server.serving.InferenceService;
import io.lockstep.server.serving.ModelCatalog;
import io.lockstep.server.serving.ModelDescription;
import io.lockstep.server.serving.NamedTensor;
import io.lockstep.server.serving.Phase;
import io.lockstep.server.serving.SequenceControl;
import io.lockstep.server.serving.ServingException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Answers a request with its own inputs, under the names of the outputs, after checking them
 * against the signature as the real service does. Can be told to hold answers back or to fail.
 */
public final class FakeInferenceService implements InferenceService {

  private final ModelCatalog catalog;
  private final AtomicReference<@Nullable InferRequest> last = new AtomicReference<>();
  private final AtomicReference<@Nullable ServingException> failure = new AtomicReference<>();
  private final BlockingQueue<HeldCall> held = new LinkedBlockingQueue<>();
  private volatile boolean holding;

  public FakeInferenceService(ModelCatalog catalog) {
    this.catalog = catalog;
  }

  /** The request that came last. */
  InferRequest last() {
    InferRequest request = last.get();
    if (request == null) {
      throw new AssertionError("no request came");
    }
    return request;
  }

  /** Lets the next request fail. */
  void failNext(ServingException problem) {
    failure.set(problem);
  }

  /** From now on requests wait until they are released or cancelled. */
  public void hold(boolean wanted) {
    holding = wanted;
  }

  /** The next request that is held back; waits for it. */
  public HeldCall awaitHeld() throws InterruptedException {
    HeldCall call = held.poll(20, TimeUnit.SECONDS);
    if (call == null) {
      throw new AssertionError("no request came");
    }
    return call;
  }

  @Override
  public ModelDescription describe(
      String model, @Nullable String version, @Nullable SequenceControl sequence) {
    return catalog.describe(model, version);
  }

  @Override
  public InferCall submit(InferRequest request) {
    last.set(request);
    ServingException problem = failure.getAndSet(null);
    if (problem != null) {
      request.memory().close();
      throw problem;
    }
    ModelDescription model = catalog.describe(request.model(), request.version());
    check(model, request);
    request.clock().mark(Phase.VALIDATE);
    HeldCall call = new HeldCall(model, request);
    if (holding) {
      held.add(call);
    } else {
      call.release();
    }
    return call;
  }

  private static void check(ModelDescription model, InferRequest request) {
    List<TensorSpec> specs = model.signature().inputs();
    if (request.inputs().size() != specs.size()) {
      throw ServingException.invalid(
          "expected %d inputs but got %d".formatted(specs.size(), request.inputs().size()));
    }
    for (NamedTensor input : request.inputs()) {
      int index = model.signature().inputIndex(input.name());
      if (index < 0) {
        throw ServingException.invalid("unknown input '" + input.name() + "'");
      }
      TensorSpec spec = specs.get(index);
      if (spec.dtype() != input.tensor().dtype()) {
        throw ServingException.invalid(
            "input '%s' must be %s".formatted(spec.name(), spec.dtype()));
      }
      checkShape(spec, input.tensor());
    }
    for (String output : request.outputs()) {
      if (model.signature().outputIndex(output) < 0) {
        throw new ServingException(ErrorCode.MODEL_NOT_FOUND, "no output '" + output + "'");
      }
    }
  }

  private static void checkShape(TensorSpec spec, Tensor tensor) {
    boolean agrees = spec.dimensions().size() == tensor.shape().rank();
    for (int axis = 0; agrees && axis < tensor.shape().rank(); axis++) {
      agrees =
          !spec.dimensions().get(axis).isFixed()
              || spec.dimensions().get(axis).extent() == tensor.shape().extent(axis);
    }
    if (!agrees) {
      throw ServingException.invalid(
          "input '%s' must have shape %s but has %s"
              .formatted(spec.name(), spec.dimensions(), tensor.shape()));
    }
  }

  /** A request under way. */
  public static final class HeldCall implements InferCall {

    private final ModelDescription model;
    private final InferRequest request;
    private final CompletableFuture<InferResponse> answer = new CompletableFuture<>();
    private final CompletableFuture<Boolean> cancelled = new CompletableFuture<>();

    private HeldCall(ModelDescription model, InferRequest request) {
      this.model = model;
      this.request = request;
    }

    /** Completes when the caller cancels. */
    public CompletableFuture<Boolean> cancelled() {
      return cancelled;
    }

    /** Lets the answer go. */
    public void release() {
      List<NamedTensor> outputs = new ArrayList<>();
      for (TensorSpec spec : model.signature().outputs()) {
        for (NamedTensor input : request.inputs()) {
          boolean wanted = request.outputs().isEmpty() || request.outputs().contains(spec.name());
          if (wanted && input.name().equals(spec.name())) {
            outputs.add(input);
          }
        }
      }
      request.clock().mark(Phase.INFER);
      answer.complete(
          new InferResponse(
              model.name(),
              model.version(),
              outputs,
              new BatchInfo(1, 1, 0, CloseReason.IDLE),
              request.memory()));
    }

    @Override
    public InferResponse await() throws InterruptedException {
      try {
        return answer.get();
      } catch (ExecutionException problem) {
        throw (ServingException) problem.getCause();
      }
    }

    @Override
    public boolean isOverWithin(long nanos) {
      return answer.isDone();
    }

    @Override
    public void cancel() {
      answer.completeExceptionally(
          new ServingException(ErrorCode.CANCELLED, "the client closed the connection"));
      cancelled.complete(true);
    }
  }
}
