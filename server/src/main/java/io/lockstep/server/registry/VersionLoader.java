package io.lockstep.server.registry;

import io.lockstep.runtime.BatchTraits;
import io.lockstep.runtime.BatchTraits.Mode;
import io.lockstep.runtime.DecoderModel;
import io.lockstep.runtime.Dimension;
import io.lockstep.runtime.GraphModel;
import io.lockstep.runtime.GraphSession;
import io.lockstep.runtime.ModelLoader;
import io.lockstep.runtime.ModelSignature;
import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.error.UnsupportedModelException;
import io.lockstep.runtime.tokenizer.Tokenizer;
import io.lockstep.runtime.tokenizer.TokenizerJson;
import io.lockstep.server.batching.BatchRules;
import io.lockstep.server.batching.LengthBuckets;
import io.lockstep.server.batching.SequenceRules;
import io.lockstep.server.config.ModelConfig;
import io.lockstep.server.config.SentenceTransformer;
import io.lockstep.server.config.ServerConfig;
import io.lockstep.server.serving.BatchSettings;
import io.lockstep.server.serving.ModelDescription;
import io.lockstep.server.serving.StateTraits;
import io.lockstep.server.serving.Task;
import io.lockstep.server.serving.TextSettings;
import io.lockstep.server.serving.Ticker;
import java.io.IOException;
import java.lang.System.Logger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Takes a version from its files to the point where it can serve: opens the model, joins what its
 * model.yaml, its signature and the server's configuration say, checks that batching keeps its
 * bits, and warms it up.
 */
public final class VersionLoader {

  private static final Logger LOGGER = System.getLogger(VersionLoader.class.getName());

  /** Tokens of a text when neither model.yaml nor the tokenizer sets a limit. */
  private static final int DEFAULT_MAX_LENGTH = 512;

  /** Opens model files; tests bring their own models. */
  public interface Opener {

    /** The model in {@code file}; throws a ModelException that says what is wrong with it. */
    GraphModel open(Path file);

    /** Whether models run on machine code that needs no time to become fast. */
    default boolean isEmitted() {
      return false;
    }

    /**
     * As {@link #open}, for a language model.
     *
     * @param quantizes whether matrices of floats become Q8_0
     */
    default DecoderModel openDecoder(Path file, boolean quantizes) {
      throw new UnsupportedModelException("language models are not supported here");
    }
  }

  private final ModelFolder folder;
  private final ServerConfig config;
  private final Opener opener;
  private final Ticker ticker;

  public VersionLoader(ModelFolder folder, ServerConfig config, Opener opener, Ticker ticker) {
    this.folder = folder;
    this.config = config;
    this.opener = opener;
    this.ticker = ticker;
  }

  /** Loads a version; on failure everything taken so far is given back. */
  LoadedVersion load(ModelEntry entry, long version, ModelConfig model) {
    Path file = entry.files().get(version);
    if (file == null) {
      throw new InvalidModelException("there is no version " + version);
    }
    if (ModelLoader.isDecoder(file)) {
      if (!file.toString().endsWith(DecoderLoader.GGUF)) {
        folder.refuseFilesFromOutside(file);
      }
      return new DecoderLoader(config, opener, ticker).load(entry.name(), version, file, model);
    }
    GraphModel graph = opener.open(file);
    List<GraphSession> sessions = new ArrayList<>();
    try {
      sessions.add(graph.newSession());
      return finish(entry, version, model, graph, sessions);
    } catch (RuntimeException | Error problem) { // given back, then thrown on
      sessions.forEach(GraphSession::close);
      graph.close();
      throw problem;
    }
  }

  private LoadedGraph finish(
      ModelEntry entry,
      long version,
      ModelConfig model,
      GraphModel graph,
      List<GraphSession> sessions) {
    ModelSignature signature = graph.signature();
    Optional<TextSettings> text = text(entry, version, model, signature);
    Task task = task(model, signature, text);
    BatchTraits allowed = limited(graph.batchTraits(), model.batching().mode());
    SelfCheck.Result check = new SelfCheck(signature, sessions.getFirst(), ticker).run(allowed);
    if (!check.finding().isEmpty()) {
      LOGGER.log(Logger.Level.INFO, "model {0}/{1}: {2}", entry.name(), version, check.finding());
    }
    BatchRules rules = rules(check.traits(), model, text);
    SequenceRules sequences = sequences(entry, version, model, signature, rules.traits());
    int instances = or(model.instances(), config.batching().instances());
    while (sessions.size() < instances) {
      sessions.add(graph.newSession());
    }
    boolean warm = model.warmup() == null ? config.warmup().enabled() : model.warmup();
    if (warm && check.inputs().isPresent()) {
      WarmUp warmUp =
          new WarmUp(
              rules, check.inputs().get(), config.warmup().maxTime(), opener.isEmitted(), ticker);
      sessions.forEach(warmUp::run);
    }
    ModelDescription description =
        new ModelDescription(
            entry.name(),
            Long.toString(version),
            "onnx_onnxv1",
            model.description(),
            signature,
            rules.traits(),
            settings(rules, model, instances),
            task,
            text,
            labels(entry, version, model),
            graph.parameters(),
            ticker.epochMillis(),
            Optional.empty(),
            traits(sequences, signature));
    return new LoadedGraph(description, graph, sessions, rules, sequences);
  }

  private SequenceRules sequences(
      ModelEntry entry,
      long version,
      ModelConfig model,
      ModelSignature signature,
      BatchTraits traits) {
    StateLoader loader = new StateLoader(signature, traits, config.limits().maxTensor().bytes());
    List<ModelConfig.State> configured = model.state();
    List<SequenceRules.State> states =
        configured == null
            ? loader.found()
            : loader.configured(configured, name -> folder.companion(entry, version, name));
    ModelConfig.Sequences own = model.sequences();
    SequenceRules sequences =
        new SequenceRules(
            states,
            own.idleTimeout() == null ? config.sequences().idleTimeout() : own.idleTimeout(),
            or(own.maxSequences(), config.sequences().maxSequences()));
    if (!states.isEmpty()) {
      LOGGER.log(
          Logger.Level.INFO,
          "model {0}/{1}: {2} carries state: {3}",
          entry.name(),
          version,
          configured == null ? "by its signature it" : "by its model.yaml it",
          traits(sequences, signature).tensors().stream()
              .map(pair -> pair.output() + " to " + pair.input())
              .collect(Collectors.joining(", ")));
    }
    return sequences;
  }

  private static StateTraits traits(SequenceRules sequences, ModelSignature signature) {
    return new StateTraits(
        sequences.states().stream()
            .map(state ->
                new StateTraits.Pair(
                    signature.inputs().get(state.input()).name(),
                    signature.outputs().get(state.output()).name()))
            .toList(),
        sequences.idleTimeout(),
        sequences.maxSequences());
  }

  /** What the model's structure allows, or what its model.yaml restricts it to. */
  private static BatchTraits limited(BatchTraits traits, ModelConfig.Mode wanted) {
    Mode most =
        switch (wanted) {
          case AUTO, PADDED -> Mode.PADDED;
          case SAME_SHAPE -> Mode.SAME_SHAPE;
          case NONE -> Mode.NONE;
        };
    if (traits.mode().compareTo(most) <= 0) {
      return traits;
    }
    return new BatchTraits(
        most, traits.inputs(), traits.outputs(), traits.maskInput(), "model.yaml says so");
  }

  private BatchRules rules(BatchTraits traits, ModelConfig model, Optional<TextSettings> text) {
    int longest = text.map(TextSettings::maxLength).orElse(Integer.MAX_VALUE);
    return new BatchRules(
        traits,
        LengthBuckets.of(model.batching().lengthBuckets(), longest),
        or(model.batching().maxBatchSize(), config.batching().maxBatchSize()),
        or(model.batching().maxBatchTokens(), config.batching().maxBatchTokens()));
  }

  private BatchSettings settings(BatchRules rules, ModelConfig model, int instances) {
    ModelConfig.Batching own = model.batching();
    return new BatchSettings(
        rules.maxBatchRows(0),
        own.maxQueueDelay() == null ? config.batching().maxQueueDelay() : own.maxQueueDelay(),
        or(own.maxQueueSize(), config.batching().maxQueueSize()),
        instances);
  }

  private Optional<TextSettings> text(
      ModelEntry entry, long version, ModelConfig model, ModelSignature signature) {
    Optional<Path> file = folder.companion(entry, version, "tokenizer.json");
    if (file.isEmpty()) {
      if (model.task() == Task.EMBEDDING) {
        throw new InvalidModelException("task embedding needs a tokenizer.json beside the model");
      }
      return Optional.empty();
    }
    Tokenizer tokenizer = TokenizerJson.read(file.get());
    SentenceTransformer modules =
        SentenceTransformer.read(name -> folder.companion(entry, version, name), model.pooling());
    int own = tokenizer.defaultOptions().truncation().maxLength();
    int standard = own == Integer.MAX_VALUE ? DEFAULT_MAX_LENGTH : own;
    List<Dimension> output =
        signature.outputs().isEmpty() ? List.of() : signature.outputs().getFirst().dimensions();
    return Optional.of(
        new TextSettings(
            tokenizer,
            modules.pooling(),
            model.normalize() == null ? modules.normalize() : model.normalize(),
            or(model.maxLength(), modules.maxLength().orElse(standard)),
            output.isEmpty() ? -1 : output.getLast().extent()));
  }

  /** A model with a tokenizer that takes token ids embeds, unless its model.yaml says otherwise. */
  private static Task task(
      ModelConfig model, ModelSignature signature, Optional<TextSettings> text) {
    if (model.task() != null) {
      return model.task();
    }
    boolean embeds = text.isPresent() && signature.inputIndex("input_ids") >= 0;
    return embeds ? Task.EMBEDDING : Task.NONE;
  }

  private List<String> labels(ModelEntry entry, long version, ModelConfig model) {
    String name = model.labels() == null ? "labels.txt" : model.labels();
    Optional<Path> file = folder.companion(entry, version, name);
    if (file.isEmpty()) {
      if (model.labels() != null) {
        throw new InvalidModelException("there is no file '" + name + "' beside the model");
      }
      return List.of();
    }
    try {
      return Files.readAllLines(file.get());
    } catch (IOException problem) {
      throw new InvalidModelException("cannot read the labels in '" + name + "'", problem);
    }
  }

  private static int or(@Nullable Integer value, int standard) {
    return value == null ? standard : value;
  }
}
