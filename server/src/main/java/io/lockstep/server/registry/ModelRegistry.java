package io.lockstep.server.registry;

import io.lockstep.server.serving.ErrorCode;
import io.lockstep.server.serving.ModelCatalog;
import io.lockstep.server.serving.ModelDescription;
import io.lockstep.server.serving.ModelStatistics;
import io.lockstep.server.serving.ModelStatus;
import io.lockstep.server.serving.ServingException;
import io.lockstep.server.serving.Task;
import io.lockstep.server.serving.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * The models being served, and the way in for everybody who asks for one. Look-ups read immutable
 * snapshots and never wait; changes happen on the loader thread, one after the other.
 */
public final class ModelRegistry<S extends Served> implements ModelCatalog {

  private final ModelTable<S> table;
  private final ModelChanges<S> changes;
  private final LoaderThreads threads;

  public ModelRegistry(
      ModelFolder folder,
      VersionLoader loader,
      Served.Factory<S> factory,
      Duration drainTimeout,
      Ticker ticker,
      LoaderThreads threads) {
    this.table = new ModelTable<>();
    this.changes =
        new ModelChanges<>(folder, loader, factory, table, drainTimeout, ticker, threads);
    this.threads = threads;
  }

  /**
   * What answers requests for a model.
   *
   * @param version the number as clients write it, or null for the highest that is ready
   */
  public S resolve(String model, @Nullable String version) {
    ModelVersion<S> found = ready(model, version);
    S served = found.served();
    if (served == null) {
      throw new IllegalStateException("a ready version serves");
    }
    return served;
  }

  private ModelVersion<S> ready(String model, @Nullable String version) {
    SortedMap<Long, ModelVersion<S>> versions = known(model);
    if (version == null) {
      for (ModelVersion<S> candidate : versions.reversed().values()) {
        if (candidate.served() != null) {
          return candidate;
        }
      }
      throw notReady(versions.get(versions.lastKey()));
    }
    ModelVersion<S> found = versions.get(number(model, version));
    if (found == null) {
      throw new ServingException(
          ErrorCode.MODEL_NOT_FOUND, "model '%s' has no version %s".formatted(model, version));
    }
    if (found.served() == null) {
      throw notReady(found);
    }
    return found;
  }

  private SortedMap<Long, ModelVersion<S>> known(String model) {
    SortedMap<Long, ModelVersion<S>> versions = table.versions(model);
    if (versions.isEmpty()) {
      throw new ServingException(
          ErrorCode.MODEL_NOT_FOUND, "there is no model '%s'".formatted(model));
    }
    return versions;
  }

  private static long number(String model, String version) {
    try {
      return Long.parseLong(version);
    } catch (NumberFormatException problem) {
      throw new ServingException(
          ErrorCode.MODEL_NOT_FOUND,
          "model '%s' has no version '%s': versions are numbers".formatted(model, version));
    }
  }

  private static ServingException notReady(@Nullable ModelVersion<?> version) {
    if (version == null) {
      return new ServingException(ErrorCode.MODEL_NOT_READY, "the model is not ready");
    }
    ModelStatus status = version.status();
    String what =
        switch (status.state()) {
          case LOADING -> "is still loading";
          case DRAINING -> "is being unloaded";
          case FAILED -> "failed to load: " + status.reason();
          case READY -> "has just become ready";
        };
    return new ServingException(
        ErrorCode.MODEL_NOT_READY,
        "model '%s' version %s %s".formatted(status.name(), status.version(), what));
  }

  @Override
  public List<ModelStatus> index() {
    return table.all().stream().map(ModelVersion::status).toList();
  }

  @Override
  public List<ModelStatus> versions(String model) {
    return known(model).values().stream().map(ModelVersion::status).toList();
  }

  @Override
  public ModelDescription describe(String model, @Nullable String version) {
    return resolve(model, version).description();
  }

  @Override
  public boolean isReady(String model, @Nullable String version) {
    return table.versions(model).values().stream()
        .filter(found -> version == null || Long.toString(found.number()).equals(version))
        .anyMatch(found -> found.served() != null);
  }

  @Override
  public List<ModelDescription> ready() {
    List<ModelDescription> descriptions = new ArrayList<>();
    for (String name : table.names()) {
      table.versions(name).reversed().values().stream()
          .map(ModelVersion::served)
          .flatMap(served -> Optional.ofNullable(served).stream())
          .findFirst()
          .ifPresent(served -> descriptions.add(served.description()));
    }
    return descriptions;
  }

  @Override
  public Optional<ModelDescription> defaultEmbeddingModel() {
    return ready().stream().filter(model -> model.task() == Task.EMBEDDING).findFirst();
  }

  @Override
  public List<ModelStatistics> statistics(@Nullable String model, @Nullable String version) {
    if (model != null && version != null) {
      return List.of(resolve(model, version).statistics());
    }
    if (model != null) {
      ready(model, null);
    }
    return table.all().stream()
        .filter(found -> model == null || found.name().equals(model))
        .flatMap(found -> Optional.ofNullable(found.served()).stream())
        .map(Served::statistics)
        .toList();
  }

  @Override
  public void load(String model) {
    onLoaderThread(() -> changes.load(model));
  }

  @Override
  public void unload(String model) {
    onLoaderThread(() -> changes.unload(model));
  }

  /** Loads what is new or changed in the folder and unloads what is gone; waits for it. */
  public void refresh() {
    beginRefresh().run();
  }

  /** Begins what {@link #refresh} does; what is returned waits for its end. */
  public Runnable beginRefresh() {
    CompletableFuture<Void> running =
        CompletableFuture.runAsync(changes::refresh, threads.changes());
    return () -> await(running);
  }

  /** Unloads everything; waits for requests in flight. */
  public void close() {
    onLoaderThread(changes::unloadAll);
  }

  private void onLoaderThread(Runnable change) {
    await(CompletableFuture.runAsync(change, threads.changes()));
  }

  private static void await(CompletableFuture<Void> running) {
    try {
      running.join();
    } catch (CompletionException problem) {
      throw problem.getCause() instanceof ServingException told
          ? told
          : new IllegalStateException("changing models failed", problem);
    }
  }
}
