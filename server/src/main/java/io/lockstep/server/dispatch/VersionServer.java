package io.lockstep.server.dispatch;

import io.lockstep.runtime.GraphModel;
import io.lockstep.runtime.GraphSession.PlanUse;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.server.batching.BatchPolicy;
import io.lockstep.server.batching.PendingRequest;
import io.lockstep.server.metrics.ServingMetrics;
import io.lockstep.server.metrics.VersionMeters;
import io.lockstep.server.registry.LoadedGraph;
import io.lockstep.server.registry.Served;
import io.lockstep.server.serving.BatchSettings;
import io.lockstep.server.serving.Deadline;
import io.lockstep.server.serving.ErrorCode;
import io.lockstep.server.serving.InferRequest;
import io.lockstep.server.serving.ModelDescription;
import io.lockstep.server.serving.ModelStatistics;
import io.lockstep.server.serving.Phase;
import io.lockstep.server.serving.SequenceControl;
import io.lockstep.server.serving.SequenceId;
import io.lockstep.server.serving.ServingException;
import io.lockstep.server.serving.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A model version at work: admits requests into one bounded queue and hands them to the least busy
 * of its instances.
 */
public final class VersionServer implements Served {

  /** Longest that a client is ever told to stay away. */
  private static final int MAX_RETRY_AFTER_SECONDS = 60;

  private final LoadedGraph version;
  private final RequestValidator validator;
  private final QueueRoom room;
  private final InFlight inFlight = new InFlight();
  private final LiveSequences sequences;
  private final InstanceLoad load;
  private final SequenceHomes homes;
  private final StatisticsRecorder statistics = new StatisticsRecorder();
  private final List<ModelDispatcher> dispatchers;
  private final Ticker ticker;
  private final ServingMetrics metrics;
  private final VersionMeters meters;
  private final AdmittedRequests admitted;
  private volatile boolean retiring;

  VersionServer(
      LoadedGraph version,
      long maxTensorBytes,
      Ticker ticker,
      ServingMetrics metrics,
      RecentBatches recent,
      SequenceHomes homes) {
    this.version = version;
    this.homes = homes;
    this.ticker = ticker;
    this.metrics = metrics;
    ModelDescription description = version.description();
    BatchSettings batching = description.batching();
    this.validator =
        new RequestValidator(
            description.signature(), version.rules().traits(), version.sequences(), maxTensorBytes);
    this.sequences = new LiveSequences(version.sequences().maxSequences());
    this.room = new QueueRoom(batching.maxQueueSize());
    this.load = new InstanceLoad(version, room, sequences);
    this.meters = metrics.versionLoaded(description.name(), description.version(), load);
    this.admitted = new AdmittedRequests(room, inFlight, statistics, meters, ticker);
    this.dispatchers =
        dispatchers(batching, new RunObserver(description, statistics, meters, recent));
  }

  private List<ModelDispatcher> dispatchers(BatchSettings batching, RunObserver observer) {
    String name = description().name() + "/" + description().version();
    AtomicBoolean faultLogged = new AtomicBoolean();
    SequenceSteps.Shared shared =
        new SequenceSteps.Shared(version.sequences(), sequences, observer.meters());
    BatchPolicy policy = BatchPolicy.of(batching.maxQueueDelay(), batching.maxBatchSize());
    return version.sessions().stream()
        .map(session -> {
          BatchRunner runner =
              new BatchRunner(name, session, version.rules(), ticker, observer, faultLogged);
          return new ModelDispatcher(
              "model-" + name, runner, policy, shared, ticker, statistics::expectedRunNanos);
        })
        .toList();
  }

  /** Puts loaded graphs to work, each instance on a thread of its own. */
  public static Factory<VersionServer> factory(
      long maxTensorBytes,
      Ticker ticker,
      ServingMetrics metrics,
      RecentBatches recent,
      SequenceHomes homes) {
    return version -> {
      if (!(version instanceof LoadedGraph graph)) {
        throw new IllegalArgumentException("only graphs answer tensors with tensors");
      }
      VersionServer server =
          new VersionServer(graph, maxTensorBytes, ticker, metrics, recent, homes);
      server.dispatchers.forEach(ModelDispatcher::start);
      homes.add(server);
      return server;
    };
  }

  /** What waits and what is held. */
  InstanceLoad load() {
    return load;
  }

  /** The instances, for tests that step them. */
  List<ModelDispatcher> dispatchers() {
    return dispatchers;
  }

  @Override
  public ModelDescription description() {
    return version.description();
  }

  /**
   * Checks and admits requests, all or none; their memory stays with the caller when this throws.
   *
   * @return a call for each, or nothing when the version was retired meanwhile
   */
  Optional<List<PendingCall>> submit(List<InferRequest> requests) {
    List<PendingRequest> pending = new ArrayList<>();
    int rows = 0;
    for (InferRequest request : requests) {
      PendingRequest checked = check(request);
      pending.add(checked);
      rows += checked.rows();
    }
    if (retiring && !requests.stream().allMatch(this::continuesHere)) {
      return Optional.empty();
    }
    int entered = 0;
    while (entered < requests.size() && inFlight.enter()) {
      entered++;
    }
    boolean isOpen = entered == requests.size();
    if (!isOpen || !room.tryTake(rows, requests.size())) {
      for (int i = 0; i < entered; i++) {
        inFlight.leave();
      }
      if (isOpen) {
        meters.queueWasFull();
        throw overloaded(rows);
      }
      return Optional.empty();
    }
    List<PendingCall> calls = new ArrayList<>();
    for (PendingRequest request : pending) {
      ModelDispatcher instance = instance(request.request().sequence());
      calls.add(new PendingCall(description(), request, ticker, instance::wake));
      // Requests that come together go into a batch together, which the first must not run without.
      if (pending.size() == 1) {
        instance.acceptOrRun(request);
      } else {
        instance.accept(request);
      }
    }
    return Optional.of(calls);
  }

  private PendingRequest check(InferRequest request) {
    long now = ticker.nanos();
    Deadline deadline = request.deadline();
    if (deadline.hasPassed(now)) {
      throw new ServingException(
          ErrorCode.DEADLINE_EXCEEDED, "the request's time was over before it was admitted");
    }
    List<Tensor> inputs = validator.inputs(request.inputs(), request.sequence());
    List<Integer> outputs = validator.outputs(request.outputs(), request.sequence() != null);
    request.clock().mark(Phase.VALIDATE);
    return new PendingRequest(
        request, inputs, outputs, version.rules(), request.clock().startNanos(), admitted);
  }

  /** Whether a request is a step of a sequence that this version holds. */
  private boolean continuesHere(InferRequest request) {
    SequenceControl sequence = request.sequence();
    return sequence != null && !sequence.start() && holds(sequence.id());
  }

  boolean holds(SequenceId sequence) {
    return sequences.contains(sequence);
  }

  /** No steps will come any more that could end a sequence. */
  void abandonSequences() {
    sequences.abandon();
  }

  /** The least busy instance, but the same one for all steps of a sequence. */
  private ModelDispatcher instance(@Nullable SequenceControl sequence) {
    if (sequence != null) {
      return dispatchers.get(Math.floorMod(sequence.id().hashCode(), dispatchers.size()));
    }
    ModelDispatcher least = dispatchers.getFirst();
    for (ModelDispatcher candidate : dispatchers) {
      if (candidate.load() < least.load()) {
        least = candidate;
      }
    }
    return least;
  }

  /** When the queue will have drained, at the rate of the last runs. */
  private ServingException overloaded(int rows) {
    long nanos = statistics.expectedNanos(room.rows()) / dispatchers.size();
    long seconds = Math.min(MAX_RETRY_AFTER_SECONDS, 1 + nanos / 1_000_000_000L);
    return ServingException.overloaded(
        "the queue of model '%s' is full: %d of %d rows are waiting, %d more do not fit"
            .formatted(description().name(), room.rows(), room.maxRows(), rows),
        (int) seconds);
  }

  @Override
  public void retire(Duration timeout) {
    boolean interrupted = false;
    try {
      long left = awaitSequences(timeout);
      inFlight.close();
      dispatchers.forEach(ModelDispatcher::drain);
      inFlight.awaitEmpty(Duration.ofNanos(left));
    } catch (InterruptedException stop) {
      interrupted = true;
      inFlight.close();
    }
    for (ModelDispatcher dispatcher : dispatchers) {
      interrupted |= !stopped(dispatcher);
    }
    metrics.versionUnloaded(description().name(), description().version(), load);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Lets sequences go on to their ends while all else goes elsewhere; the time that is left. */
  private long awaitSequences(Duration timeout) throws InterruptedException {
    retiring = true;
    if (homes.isClosed()) {
      sequences.abandon();
    }
    try {
      return sequences.awaitNone(timeout);
    } finally {
      homes.remove(this);
    }
  }

  /** Stops an instance even when interrupted: its session must be closed before its model is. */
  private static boolean stopped(ModelDispatcher dispatcher) {
    boolean calm = true;
    while (true) {
      try {
        dispatcher.stop();
        return calm;
      } catch (InterruptedException again) {
        calm = false;
      }
    }
  }

  @Override
  public ModelStatistics statistics() {
    GraphModel.MemoryUse use = version.model().memory();
    PlanUse plans = load.planUse();
    return statistics.snapshot(
        description().name(),
        description().version(),
        new ModelStatistics.Memory(
            use.weights(), use.mapped(), use.activations(), sequences.bytes()),
        new ModelStatistics.Now(
            room.rows(),
            room.requests(),
            statistics.expectedRunNanos(),
            plans.plans(),
            plans.hits(),
            plans.misses()));
  }
}
