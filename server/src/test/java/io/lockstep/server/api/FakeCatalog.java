package io.lockstep.server.api;

import io.lockstep.server.serving.ErrorCode;
import io.lockstep.server.serving.ModelCatalog;
import io.lockstep.server.serving.ModelDescription;
import io.lockstep.server.serving.ModelStatistics;
import io.lockstep.server.serving.ModelStatistics.Timing;
import io.lockstep.server.serving.ModelStatus;
import io.lockstep.server.serving.ServingException;
import io.lockstep.server.serving.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/** Ready models, one broken one and one loading one; {@code load} and {@code unload} are noted. */
public final class FakeCatalog implements ModelCatalog {

  /** The name of a model that failed to load. */
  public static final String BROKEN = "broken";

  /** The name of a model that is not ready yet. */
  public static final String LOADING = "loading";

  private final Map<String, ModelDescription> ready = new ConcurrentSkipListMap<>();
  private final List<String> calls = new ArrayList<>();

  public FakeCatalog(ModelDescription... models) {
    for (ModelDescription model : models) {
      ready.put(model.name(), model);
    }
  }

  /** What was loaded and unloaded, in order. */
  public List<String> calls() {
    return calls;
  }

  @Override
  public List<ModelStatus> index() {
    List<ModelStatus> all = new ArrayList<>();
    all.add(new ModelStatus(BROKEN, "1", ModelStatus.State.FAILED, "no such operator"));
    all.add(new ModelStatus(LOADING, "1", ModelStatus.State.LOADING, ""));
    ready
        .values()
        .forEach(model ->
            all.add(new ModelStatus(model.name(), model.version(), ModelStatus.State.READY, "")));
    return all;
  }

  @Override
  public List<ModelStatus> versions(String model) {
    List<ModelStatus> versions =
        index().stream().filter(status -> status.name().equals(model)).toList();
    if (versions.isEmpty()) {
      throw notFound(model);
    }
    return versions;
  }

  @Override
  public ModelDescription describe(String model, @Nullable String version) {
    if (!versions(model).getFirst().isReady()) {
      throw new ServingException(ErrorCode.MODEL_NOT_READY, "model '" + model + "' is not ready");
    }
    ModelDescription description = ready.get(model);
    if (version != null && !version.equals(description.version())) {
      throw notFound(model + "' version '" + version);
    }
    return description;
  }

  @Override
  public boolean isReady(String model, @Nullable String version) {
    ModelDescription description = ready.get(model);
    return description != null && (version == null || version.equals(description.version()));
  }

  @Override
  public List<ModelDescription> ready() {
    return List.copyOf(ready.values());
  }

  @Override
  public Optional<ModelDescription> defaultEmbeddingModel() {
    return ready.values().stream().filter(model -> model.task() == Task.EMBEDDING).findFirst();
  }

  @Override
  public List<ModelStatistics> statistics(@Nullable String model, @Nullable String version) {
    if (model != null) {
      describe(model, version);
    }
    return ready.values().stream()
        .filter(description -> model == null || description.name().equals(model))
        .map(FakeCatalog::statistics)
        .toList();
  }

  @Override
  public void load(String model) {
    versions(model);
    if (model.equals(BROKEN)) {
      throw ServingException.invalid("model 'broken' cannot be loaded: no such operator");
    }
    calls.add("load " + model);
  }

  @Override
  public void unload(String model) {
    versions(model);
    calls.add("unload " + model);
  }

  private static ModelStatistics statistics(ModelDescription model) {
    Timing five = new Timing(5, 5_000);
    return new ModelStatistics(
        model.name(),
        model.version(),
        1_700_000_001_000L,
        10,
        5,
        five,
        new Timing(1, 100),
        five,
        five,
        five,
        five,
        List.of(new ModelStatistics.BatchTiming(2, five, five, five)),
        new ModelStatistics.Memory(100, 200, 300, 400),
        new ModelStatistics.Now(1, 2, 3_000_000, 4, 5, 6));
  }

  private static ServingException notFound(String model) {
    return new ServingException(ErrorCode.MODEL_NOT_FOUND, "no model '" + model + "'");
  }
}
