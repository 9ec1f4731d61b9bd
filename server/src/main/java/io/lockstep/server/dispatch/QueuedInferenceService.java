package io.lockstep.server.dispatch;

import io.lockstep.server.registry.ModelRegistry;
import io.lockstep.server.registry.Served;
import io.lockstep.server.serving.ErrorCode;
import io.lockstep.server.serving.InferCall;
import io.lockstep.server.serving.InferRequest;
import io.lockstep.server.serving.InferenceService;
import io.lockstep.server.serving.ModelDescription;
import io.lockstep.server.serving.SequenceControl;
import io.lockstep.server.serving.ServingException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds the version that a request is for and puts the request into its queue. */
public final class QueuedInferenceService implements InferenceService {

  private final ModelRegistry<? extends Served> registry;
  private final SequenceHomes homes;
  private volatile boolean draining;

  /**
   * A service.
   *
   * @param homes where sequences go on
   */
  public QueuedInferenceService(ModelRegistry<? extends Served> registry, SequenceHomes homes) {
    this.registry = registry;
    this.homes = homes;
  }

  /** From here on every new request is refused; those admitted go on. */
  public void drain() {
    draining = true;
    homes.close();
  }

  @Override
  public ModelDescription describe(
      String model, @Nullable String version, @Nullable SequenceControl sequence) {
    return find(model, version, sequence).description();
  }

  /** A sequence that goes on does so where it began. */
  private Served find(String model, @Nullable String version, @Nullable SequenceControl sequence) {
    if (sequence != null && !sequence.start()) {
      Optional<VersionServer> holder = homes.holding(model, version, sequence.id());
      if (holder.isPresent()) {
        return holder.get();
      }
    }
    return registry.resolve(model, version);
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
        if (!(find(first.model(), first.version(), first.sequence())
            instanceof VersionServer version)) {
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
