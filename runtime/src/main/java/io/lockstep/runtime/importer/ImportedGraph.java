package io.lockstep.runtime.importer;

import io.lockstep.runtime.graph.Graph;
import io.lockstep.runtime.tensor.DType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A model as an importer read it.
 *
 * @param graph its constants are views of memory that {@code weights} owns
 * @param inputs what the file says of the graph's inputs, in their order
 * @param outputs what the file says of the graph's outputs, in their order
 * @param weights owns the memory of the constants
 */
public record ImportedGraph(
    Graph graph, List<Declared> inputs, List<Declared> outputs, WeightFiles weights) {

  /**
   * What a file declares of an input or output.
   *
   * @param dtype null where the file does not say
   * @param extents -1 where a run chooses; null where the file does not say the rank
   * @param symbols names of the extents that a run chooses, as long as {@code extents}
   */
  public record Declared(
      String name,
      @Nullable DType dtype,
      @Nullable List<Long> extents,
      List<@Nullable String> symbols) {}
}
