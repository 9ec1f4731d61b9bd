package io.lockstep.server.registry;

import io.lockstep.runtime.GraphModel;
import io.lockstep.runtime.GraphSession;
import io.lockstep.server.batching.BatchRules;
import io.lockstep.server.batching.SequenceRules;
import io.lockstep.server.serving.ModelDescription;
import java.util.List;

/**
 * A model that answers tensors with tensors.
 *
 * @param model stays with the registry, which closes it after the version was retired
 * @param sessions one for each instance; go to whoever serves them
 * @param rules how requests share runs, as found out by the self check
 * @param sequences what is carried from step to step
 */
public record LoadedGraph(
    ModelDescription description,
    GraphModel model,
    List<GraphSession> sessions,
    BatchRules rules,
    SequenceRules sequences)
    implements LoadedVersion {

  public LoadedGraph {
    sessions = List.copyOf(sessions);
  }

  @Override
  public String batching() {
    return rules.mode() + " batching, up to " + description.batching().maxBatchSize() + " rows";
  }

  @Override
  public void close() {
    model.close();
  }
}
