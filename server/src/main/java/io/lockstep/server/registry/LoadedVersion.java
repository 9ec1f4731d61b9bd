package io.lockstep.server.registry;

import io.lockstep.runtime.GraphModel;
import io.lockstep.runtime.GraphSession;
import io.lockstep.server.batching.BatchRules;
import io.lockstep.server.serving.ModelDescription;
import java.util.List;

/**
 * A version that is loaded, checked and warm, but not yet serving.
 *
 * @param model stays with the registry, which closes it after the version was retired
 * @param sessions one for each instance; go to whoever serves them
 * @param rules how requests share runs, as found out by the self check
 */
public record LoadedVersion(
    ModelDescription description, GraphModel model, List<GraphSession> sessions, BatchRules rules) {

  public LoadedVersion {
    sessions = List.copyOf(sessions);
  }
}
