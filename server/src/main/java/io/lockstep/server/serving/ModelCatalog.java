package io.lockstep.server.serving;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The models of the repository: what there is, in which state, and loading and unloading. */
public interface ModelCatalog {

  /** Every version known, failed ones included, ordered by name, then by version number. */
  List<ModelStatus> index();

  /**
   * The versions of one model, ordered by number.
   *
   * @throws ServingException MODEL_NOT_FOUND when there is no such model
   */
  List<ModelStatus> versions(String model);

  /**
   * A ready version.
   *
   * @param version the number as clients write it, or null for the highest that is ready
   * @throws ServingException MODEL_NOT_FOUND for an unknown model or version, MODEL_NOT_READY for
   *     one that is loading, draining or failed
   */
  ModelDescription describe(String model, @Nullable String version);

  /** Whether {@link #describe} would answer; false also for unknown models. */
  boolean isReady(String model, @Nullable String version);

  /** The preferred ready version of every model, ordered by name. */
  List<ModelDescription> ready();

  /** The first ready model, by name, that embeds texts; for protocols that name no model. */
  Optional<ModelDescription> defaultEmbeddingModel();

  /**
   * Counters of ready versions.
   *
   * @param model null for all models
   * @param version null for all versions of the model
   * @throws ServingException as {@link #describe} when a model is named
   */
  List<ModelStatistics> statistics(@Nullable String model, @Nullable String version);

  /**
   * Loads a model, or loads it anew, from the repository and waits until it is ready. Versions that
   * serve go on serving until their successors are ready.
   *
   * @throws ServingException MODEL_NOT_FOUND when the repository has no such model;
   *     INVALID_ARGUMENT with the reason when it cannot be loaded, in which case what served before
   *     still does
   */
  void load(String model);

  /**
   * Stops serving all versions of a model; waits until requests in flight are answered and the
   * memory is given back.
   *
   * @throws ServingException MODEL_NOT_FOUND when no such model is loaded
   */
  void unload(String model);
}
