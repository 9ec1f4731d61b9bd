package io.lockstep.server.registry;

import io.lockstep.runtime.error.ModelException;
import io.lockstep.server.config.ConfigException;
import io.lockstep.server.config.ConfigLoader;
import io.lockstep.server.config.ModelConfig;
import io.lockstep.server.serving.Deadline;
import io.lockstep.server.serving.ErrorCode;
import io.lockstep.server.serving.ServingException;
import io.lockstep.server.serving.Ticker;
import java.lang.System.Logger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Loading, reloading and unloading. Everything here runs on the loader thread, but for models that
 * a look at the folder finds: those load side by side, each on a thread of its own.
 */
final class ModelChanges<S extends Served> {
  /*
   * A version that serves stops only after its successor is ready, or because it was asked to. The
   * successor of a version is the new form of the same number, or, when the policy drops a number,
   * whatever else of the model is ready. So a broken new version leaves the old one serving, and
   * its failure stands in the index beside it. What takes long to drain does so beside later
   * changes; by then somebody else may have the version's place in the table.
   */

  private static final Logger LOGGER = System.getLogger(ModelChanges.class.getName());

  /** Requests are mostly answered within this time. */
  private static final Duration DRAIN_PATIENCE = Duration.ofSeconds(1);

  private final ModelFolder folder;
  private final VersionLoader loader;
  private final Served.Factory<S> factory;
  private final ModelTable<S> table;
  private final Duration drainTimeout;
  private final Ticker ticker;
  private final Executor sideBySide;
  private final Drains drains;

  /** What each model looked like when it was last tried, or unloaded by request. */
  private final Map<String, String> seen = new ConcurrentHashMap<>();

  ModelChanges(
      ModelFolder folder,
      VersionLoader loader,
      Served.Factory<S> factory,
      ModelTable<S> table,
      Duration drainTimeout,
      Ticker ticker,
      LoaderThreads threads) {
    this.folder = folder;
    this.loader = loader;
    this.factory = factory;
    this.table = table;
    this.drainTimeout = drainTimeout;
    this.ticker = ticker;
    this.sideBySide = threads.sideBySide();
    this.drains = new Drains(threads.drains(), DRAIN_PATIENCE);
  }

  /** Loads a model anew, changed or not. */
  void load(String name) {
    ModelEntry entry =
        folder
            .find(name)
            .orElseThrow(() ->
                new ServingException(
                    ErrorCode.MODEL_NOT_FOUND, "the repository has no model '" + name + "'"));
    List<String> failures = apply(entry, true);
    if (!failures.isEmpty()) {
      throw ServingException.invalid(
          "model '%s' could not be loaded: %s".formatted(name, String.join("; ", failures)));
    }
  }

  void unload(String name) {
    if (table.versions(name).isEmpty()) {
      throw new ServingException(
          ErrorCode.MODEL_NOT_FOUND, "no model '%s' is loaded".formatted(name));
    }
    folder.find(name).ifPresent(entry -> seen.put(name, entry.stamp()));
    retireAll(name);
  }

  /** Unloads everything; all models together get the drain time-out once. */
  void unloadAll() {
    Deadline end = Deadline.after(drainTimeout, ticker.nanos());
    for (ModelVersion<S> version : table.all()) {
      ModelVersion<S> draining = draining(version);
      drains.start(
          version.label(),
          () -> {
            retire(version, Duration.ofNanos(end.remainingNanos(ticker.nanos())));
            table.remove(draining);
          });
    }
    drains.awaitAll();
  }

  /** Brings the table in line with the folder, touching only what changed since last time. */
  void refresh() {
    Map<String, ModelEntry> entries = folder.scan();
    for (String name : table.names()) {
      if (!entries.containsKey(name)) {
        seen.remove(name);
        retireAll(name);
      }
    }
    CompletableFuture.allOf(
            entries.values().stream()
                .filter(entry -> !entry.stamp().equals(seen.get(entry.name())))
                .map(entry -> CompletableFuture.runAsync(() -> apply(entry, false), sideBySide))
                .toArray(CompletableFuture<?>[]::new))
        .join();
  }

  /**
   * Loads the versions that the model's policy wants and retires those it does not.
   *
   * @param forced whether to load versions anew whose files did not change
   * @return what went wrong
   */
  private List<String> apply(ModelEntry entry, boolean forced) {
    seen.put(entry.name(), entry.stamp());
    List<String> failures = new ArrayList<>();
    ModelConfig config;
    List<Long> wanted;
    try {
      config = folder.config(entry).map(ConfigLoader::model).orElse(ModelConfig.DEFAULTS);
      wanted = config.versionPolicy().select(List.copyOf(entry.files().keySet()));
    } catch (ConfigException problem) {
      return List.of(failed(entry, highest(entry), reason(problem)));
    }
    if (wanted.isEmpty()) {
      return List.of(
          failed(
              entry,
              highest(entry),
              "there is no <version>/model.onnx, model.gguf or model.safetensors to serve"));
    }
    for (long number : wanted) {
      String stamp = entry.stamps().get(number) + entry.configStamp();
      ModelVersion<S> current = table.get(entry.name(), number);
      boolean changed =
          current == null || current.served() == null || !current.stamp().equals(stamp);
      if (forced || changed) {
        loadVersion(entry, number, stamp, config).ifPresent(failures::add);
      }
    }
    retireUnwanted(entry.name(), wanted);
    return failures;
  }

  private static long highest(ModelEntry entry) {
    return entry.files().keySet().stream().mapToLong(Long::longValue).max().orElse(1);
  }

  /** Loads one version and puts it in the place of the one before it; what went wrong, if any. */
  private Optional<String> loadVersion(
      ModelEntry entry, long number, String stamp, ModelConfig config) {
    String name = entry.name();
    ModelVersion<S> before = table.get(name, number);
    if (before == null || before.served() == null) {
      table.put(new ModelVersion<>(name, number, stamp, new ModelState.Loading<>(), null));
    }
    LoadedVersion loaded;
    try {
      loaded = loader.load(entry, number, config);
    } catch (ModelException | ConfigException refused) {
      return Optional.of(failed(entry, number, reason(refused)));
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError problem) {
      // Whatever a damaged file provokes, it must not stop the other models.
      LOGGER.log(Logger.Level.ERROR, "loading " + name + "/" + number + " failed", problem);
      return Optional.of(
          failed(entry, number, "an internal error, " + problem.getClass().getSimpleName()));
    }
    S served = factory.serve(loaded);
    table.put(new ModelVersion<>(name, number, stamp, new ModelState.Ready<>(served, ""), loaded));
    LOGGER.log(Logger.Level.INFO, "model {0}/{1} is ready: {2}", name, number, loaded.batching());
    if (before != null) {
      drains.run(before.label(), () -> retire(before, drainTimeout));
    }
    return Optional.empty();
  }

  /** Notes a failure in the index; a version that serves goes on doing so. */
  private String failed(ModelEntry entry, long number, String reason) {
    ModelVersion<S> current = table.get(entry.name(), number);
    S serving = current == null ? null : current.served();
    LOGGER.log(
        Logger.Level.WARNING,
        "model {0}/{1} cannot be loaded: {2}{3}",
        entry.name(),
        number,
        reason,
        serving == null ? "" : "; the one loaded before goes on serving");
    if (current != null && serving != null) {
      table.put(current.in(new ModelState.Ready<>(serving, "reload failed: " + reason)));
    } else {
      table.put(
          new ModelVersion<>(entry.name(), number, "", new ModelState.Failed<>(reason), null));
    }
    return "version " + number + ": " + reason;
  }

  private void retireUnwanted(String name, List<Long> wanted) {
    boolean hasSuccessor =
        wanted.stream().map(number -> table.get(name, number)).anyMatch(this::isServing);
    for (ModelVersion<S> version : List.copyOf(table.versions(name).values())) {
      boolean isUnwanted = !wanted.contains(version.number()) && !version.isDraining();
      if (isUnwanted && (hasSuccessor || !isServing(version))) {
        takeOut(version);
      }
    }
  }

  private boolean isServing(@Nullable ModelVersion<S> version) {
    return version != null && version.served() != null;
  }

  private void retireAll(String name) {
    List.copyOf(table.versions(name).values()).stream()
        .filter(version -> !version.isDraining())
        .forEach(this::takeOut);
    LOGGER.log(Logger.Level.INFO, "model {0} is unloaded", name);
  }

  private void takeOut(ModelVersion<S> version) {
    ModelVersion<S> draining = draining(version);
    drains.run(
        version.label(),
        () -> {
          retire(version, drainTimeout);
          table.remove(draining);
        });
  }

  /** Marks a version as one that takes nothing more. */
  private ModelVersion<S> draining(ModelVersion<S> version) {
    ModelVersion<S> draining =
        new ModelVersion<>(
            version.name(), version.number(), version.stamp(), new ModelState.Draining<>(), null);
    table.put(draining);
    return draining;
  }

  /** Lets a version finish what it has, then gives its memory back. */
  private void retire(ModelVersion<S> version, Duration timeout) {
    S served = version.served();
    if (served != null) {
      served.retire(timeout);
    }
    if (version.loaded() != null) {
      version.loaded().close();
    }
  }

  private static String reason(RuntimeException problem) {
    String message = problem.getMessage();
    return message == null ? problem.getClass().getSimpleName() : message;
  }
}
