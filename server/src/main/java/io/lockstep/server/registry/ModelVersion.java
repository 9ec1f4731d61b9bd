package io.lockstep.server.registry;

import io.lockstep.server.serving.ModelStatus;
import org.jspecify.annotations.Nullable;

/**
 * A version of a model; immutable, a new one for each state.
 *
 * @param stamp of the files it was made from
 * @param loaded owned by the registry while ready; whoever drains it has it from then on
 */
record ModelVersion<S extends Served>(
    String name, long number, String stamp, ModelState<S> state, @Nullable LoadedVersion loaded) {

  /** Name and number, for people. */
  String label() {
    return name + "/" + number;
  }

  ModelStatus status() {
    String version = Long.toString(number);
    return switch (state) {
      case ModelState.Loading<S>() -> new ModelStatus(name, version, ModelStatus.State.LOADING, "");
      case ModelState.Ready<S>(_, String failure) ->
          new ModelStatus(name, version, ModelStatus.State.READY, failure);
      case ModelState.Draining<S>() ->
          new ModelStatus(name, version, ModelStatus.State.DRAINING, "");
      case ModelState.Failed<S>(String reason) ->
          new ModelStatus(name, version, ModelStatus.State.FAILED, reason);
    };
  }

  /** What answers requests, or null when nothing does. */
  @Nullable S served() {
    return state instanceof ModelState.Ready<S>(S served, _) ? served : null;
  }

  boolean isDraining() {
    return state instanceof ModelState.Draining<S>;
  }

  ModelVersion<S> in(ModelState<S> next) {
    return new ModelVersion<>(name, number, stamp, next, loaded);
  }
}
