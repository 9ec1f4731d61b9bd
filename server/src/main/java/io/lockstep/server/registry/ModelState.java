package io.lockstep.server.registry;

/** Where a version is in its life. */
sealed interface ModelState<S extends Served> {

  /** Being read, checked and warmed up; answers nothing yet. */
  record Loading<S extends Served>() implements ModelState<S> {}

  /**
   * Answers requests.
   *
   * @param reloadFailure why a newer form of this version could not be loaded, or empty
   */
  record Ready<S extends Served>(S served, String reloadFailure) implements ModelState<S> {}

  /** Answers what it has and takes nothing more. */
  record Draining<S extends Served>() implements ModelState<S> {}

  /** Could not be loaded; says why, for people. */
  record Failed<S extends Served>(String reason) implements ModelState<S> {}
}
