package io.lockstep.server.dispatch;

import io.lockstep.runtime.error.UnsupportedModelException;
import io.lockstep.runtime.grammar.GrammarVocabulary;
import io.lockstep.runtime.sampling.Sampler;
import io.lockstep.runtime.sampling.SamplingBuffers;
import io.lockstep.runtime.tokenizer.IncrementalDetokenizer;
import io.lockstep.server.generation.ContinuousBatcher;
import io.lockstep.server.generation.Sequence;
import io.lockstep.server.generation.StepEngine;
import io.lockstep.server.generation.TokenText;
import io.lockstep.server.metrics.GenerationLoad;
import io.lockstep.server.metrics.GenerationMeters;
import io.lockstep.server.metrics.ServingMetrics;
import io.lockstep.server.metrics.VersionLoad;
import io.lockstep.server.metrics.VersionMeters;
import io.lockstep.server.registry.LoadedDecoder;
import io.lockstep.server.registry.Served;
import io.lockstep.server.serving.ErrorCode;
import io.lockstep.server.serving.GenerationCall;
import io.lockstep.server.serving.GenerationRequest;
import io.lockstep.server.serving.GenerationSettings;
import io.lockstep.server.serving.GenerationTraits;
import io.lockstep.server.serving.ModelDescription;
import io.lockstep.server.serving.ModelStatistics;
import io.lockstep.server.serving.ServingException;
import io.lockstep.server.serving.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A version that generates text, at work: admits requests, bounded in tokens, and batches them. */
public final class GenerationServer implements Served, VersionLoad, GenerationLoad {

  private static final int MAX_RETRY_AFTER_SECONDS = 60;

  private final LoadedDecoder version;
  private final BitSet ends;
  private final SamplingBuffers buffers;
  private final QueueRoom room; // in tokens of prompts
  private final InFlight inFlight = new InFlight();
  private final StatisticsRecorder statistics = new StatisticsRecorder();
  private final Ticker ticker;
  private final ServingMetrics metrics;
  private final VersionMeters meters;
  private final GenerationMeters generation;
  private final GenerationDispatcher dispatcher;
  private @Nullable GrammarVocabulary grammarVocabulary;

  GenerationServer(LoadedDecoder version, Ticker ticker, ServingMetrics metrics) {
    this.version = version;
    this.ticker = ticker;
    this.metrics = metrics;
    this.ends = version.traits().ends();
    int vocabulary = version.model().config().vocabulary();
    // Tables of weights are padded at times: ids beyond the tokenizer's mean nothing.
    this.buffers =
        new SamplingBuffers(Math.min(vocabulary, version.traits().tokenizer().vocabularySize()));
    this.room = new QueueRoom(version.limits().maxQueueTokens());
    String name = description().name();
    this.meters = metrics.versionLoaded(name, description().version(), this);
    this.generation = metrics.generationLoaded(name, description().version(), this);
    String label = name + "/" + description().version();
    StepEngine engine = new SessionEngine(version.session(), vocabulary);
    this.dispatcher =
        new GenerationDispatcher(
            "model-" + label,
            new ContinuousBatcher(
                engine,
                version.limits(),
                ends,
                new GenerationObserver(label, meters, generation),
                ticker),
            version.session()::close);
  }

  /** Puts a loaded version to work, on a thread of its own. */
  public static GenerationServer serve(
      LoadedDecoder version, Ticker ticker, ServingMetrics metrics) {
    GenerationServer server = new GenerationServer(version, ticker, metrics);
    server.dispatcher.start();
    return server;
  }

  @Override
  public ModelDescription description() {
    return version.description();
  }

  GenerationTraits traits() {
    return version.traits();
  }

  /**
   * Admits a request.
   *
   * @param prompt its tokens, which fit the context
   * @return nothing when the version was retired meanwhile
   */
  Optional<GenerationCall> submit(GenerationRequest request, List<Integer> prompt) {
    if (request.deadline().hasPassed(ticker.nanos())) {
      throw new ServingException(
          ErrorCode.DEADLINE_EXCEEDED, "the request's time was over before it was admitted");
    }
    GenerationStream stream =
        new GenerationStream(
            description().version(),
            prompt.size(),
            request.choices(),
            request.clock(),
            new Admitted(request, prompt.size()));
    List<Sequence> sequences = sequences(request, prompt, stream);
    if (!inFlight.enter()) {
      return Optional.empty();
    }
    long tokens = (long) prompt.size() * request.choices();
    if (!room.tryTake(Math.toIntExact(tokens), request.choices())) {
      inFlight.leave();
      meters.queueWasFull();
      throw overloaded(tokens);
    }
    generation.promptAdmitted(prompt.size());
    dispatcher.accept(sequences);
    return Optional.of(stream);
  }

  private ServingException overloaded(long tokens) {
    long nanos = statistics.expectedNanos(room.rows());
    long seconds = Math.min(MAX_RETRY_AFTER_SECONDS, Duration.ofNanos(nanos).toSeconds() + 1);
    return ServingException.overloaded(
        "prompts of %d tokens wait for model '%s' already, of at most %d; this one has %d"
            .formatted(room.rows(), description().name(), room.maxRows(), tokens),
        (int) seconds);
  }

  private List<Sequence> sequences(
      GenerationRequest request, List<Integer> prompt, GenerationStream stream) {
    GenerationSettings settings = request.settings();
    int context = traits().contextLength();
    int most = settings.maxTokens() == 0 ? context : settings.maxTokens();
    List<Sequence> sequences = new ArrayList<>();
    for (int choice = 0; choice < request.choices(); choice++) {
      Sequence.Job job =
          new Sequence.Job(
              prompt,
              settings,
              (int) Math.min(context, (long) prompt.size() + most),
              new Sampler(
                  settings.sampling().withSeed(settings.sampling().seed() + choice), ends, buffers),
              settings.grammar() == null ? null : settings.grammar().start(vocabulary()),
              new Characters(traits().tokenizer().detokenizer(true, false)),
              request.tenant(),
              request.deadline(),
              request.clock().startNanos(),
              stream.output(choice));
      sequences.add(new Sequence(job, choice == 0 ? null : sequences.getFirst()));
    }
    return sequences;
  }

  private record Characters(IncrementalDetokenizer detokenizer) implements TokenText {
    @Override
    public String add(int id) {
      return detokenizer.add(id);
    }

    @Override
    public String finish() {
      return detokenizer.finish();
    }
  }

  /** Sorted when the first request needs it: most models are never asked for structure. */
  private synchronized GrammarVocabulary vocabulary() {
    if (grammarVocabulary == null) {
      try {
        grammarVocabulary = new GrammarVocabulary(traits().tokenizer());
      } catch (UnsupportedModelException problem) {
        throw ServingException.invalid(
            "model '%s': %s".formatted(description().name(), problem.getMessage()));
      }
    }
    return grammarVocabulary;
  }

  /** What becomes of an admitted request. */
  private final class Admitted implements GenerationStream.Listener {

    private final GenerationRequest request;
    private final int promptTokens;

    Admitted(GenerationRequest request, int promptTokens) {
      this.request = request;
      this.promptTokens = promptTokens;
    }

    @Override
    public void leftQueue() {
      room.release(promptTokens, 1);
    }

    @Override
    public void over(@Nullable ServingException problem) {
      if (problem != null) {
        statistics.requestFailed(ticker.nanos() - request.clock().startNanos());
      }
      inFlight.leave();
    }

    @Override
    public void wake() {
      dispatcher.wake();
    }

    @Override
    public void answered() {
      statistics.requestAnswered(
          request.choices(), request.clock(), ticker.nanos() - request.clock().startNanos());
    }
  }

  @Override
  public void retire(Duration timeout) {
    inFlight.close();
    boolean interrupted = false;
    try {
      inFlight.awaitEmpty(timeout);
    } catch (InterruptedException stop) {
      interrupted = true;
    }
    while (true) {
      try {
        dispatcher.stop();
        break;
      } catch (InterruptedException again) { // the session must be closed before its model is
        interrupted = true;
      }
    }
    metrics.versionUnloaded(description().name(), description().version(), this);
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public ModelStatistics statistics() {
    return statistics.snapshot(
        description().name(),
        description().version(),
        new ModelStatistics.Memory(0, mappedBytes(), activationBytes(), 0),
        new ModelStatistics.Now(
            room.rows(), room.requests(), statistics.expectedRunNanos(), 0, 0, 0));
  }

  @Override
  public long runningSequences() {
    return dispatcher.running();
  }

  @Override
  public long waitingSequences() {
    return dispatcher.waiting();
  }

  @Override
  public long usedBlocks() {
    return dispatcher.usedBlocks();
  }

  @Override
  public long totalBlocks() {
    return version.session().blocks().capacity();
  }

  @Override
  public long queuedRows() {
    return room.rows();
  }

  @Override
  public long queuedRequests() {
    return room.requests();
  }

  @Override
  public long queueCapacityRows() {
    return room.maxRows();
  }

  @Override
  public long weightBytes() {
    return 0;
  }

  @Override
  public long mappedBytes() {
    return version.model().fileBytes();
  }

  /** The cache, which is by far the most of it. */
  @Override
  public long activationBytes() {
    return version.traits().cacheBytes();
  }
}
