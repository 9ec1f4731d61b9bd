package io.lockstep.loadtest.graph;

import io.lockstep.loadtest.graph.GraphCase.Arithmetic;
import io.lockstep.loadtest.graph.GraphCase.Comparison;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Graphs of one operator, or of a few equal ones, each with the extents that models have. */
final class KernelCases {

  /** Weights of all copies together, more than caches hold. */
  private static final long COLD_BYTES = 128L << 20;

  /** Enough to leave the second-level cache; loading more takes longer than measuring. */
  private static final int MAX_COPIES = 128;

  private final Path folder;
  private final List<GraphCase> cases = new ArrayList<>();
  private final Map<GraphCase, GraphFile> graphs = new HashMap<>();

  /** Cases whose models go into the folder. */
  KernelCases(Path folder) {
    this.folder = folder;
    ProductCases.addTo(this);
    ConvolutionCases.addTo(this);
    LayerCases.addTo(this);
    ElementCases.addTo(this);
  }

  List<GraphCase> all() {
    return List.copyOf(cases);
  }

  /** Writes the model of one of them. */
  void write(GraphCase work) {
    Objects.requireNonNull(graphs.get(work)).write(work.file());
  }

  /**
   * Adds a case.
   *
   * @param operations of a run, a multiply-add as two, or bytes where reads count
   * @param graph with the inputs
   */
  void add(
      String name,
      Section section,
      Arithmetic arithmetic,
      double operations,
      GraphFile graph,
      boolean isBrief,
      CaseInput... inputs) {
    Path file = folder.resolve(name.replaceAll("[^a-z0-9]+", "-") + ".onnx");
    long copies = COLD_BYTES / Math.max(1, graph.constantBytes());
    GraphCase work =
        new GraphCase(
            name,
            section,
            arithmetic,
            operations,
            file,
            List.of(inputs),
            graph.constantBytes() == 0 ? 1 : Math.clamp(copies, 2, MAX_COPIES),
            isBrief,
            Comparison.BATCH);
    cases.add(work);
    graphs.put(work, graph);
  }
}
