package io.lockstep.server.dispatch;

import io.lockstep.server.registry.ModelRegistry;
import io.lockstep.server.registry.Served;
import io.lockstep.server.serving.ErrorCode;
import io.lockstep.server.serving.InferCall;
import io.lockstep.server.serving.InferRequest;
import io.lockstep.server.serving.InferenceService;
import io.lockstep.server.serving.ServingException;
import java.util.List;
import java.util.Optional;

/** Finds the version that a request is for and puts the request into its queue. */
public final class QueuedInferenceService implements InferenceService {

  private final ModelRegistry<? extends Served> registry;
  private volatile boolean draining;

  public QueuedInferenceService(ModelRegistry<? extends Served> registry) {
    this.registry = registry;
  }

  /** From here on every new request is refused; those admitted go on. */
  public void drain() {
    draining = true;
  }

  @Override
  public InferCall submit(InferRequest request) {
    return submitAll(List.of(request)).getFirst();
  }

  /** Submits requests of one model and version, all or none; takes over their memory. */
  List<PendingCall> submitAll(List<InferRequest> requests) {
    try {
      InferRequest first = requests.getFirst();
      while (true) {
        if (draining) {
          throw new ServingException(ErrorCode.MODEL_NOT_READY, "the server is shutting down");
        }
        if (!(registry.resolve(first.model(), first.version()) instanceof VersionServer version)) {
          throw ServingException.invalid(
              "model '%s' generates text; it does not take tensors".formatted(first.model()));
        }
        Optional<List<PendingCall>> calls = version.submit(requests);
        if (calls.isPresent()) {
          return calls.get();
        }
        // Retired between look-up and admission: the next look-up finds its successor, or nothing.
        Thread.onSpinWait();
      }
    } catch (RuntimeException problem) {
      requests.forEach(request -> request.memory().close());
      throw problem;
    }
  }
}
