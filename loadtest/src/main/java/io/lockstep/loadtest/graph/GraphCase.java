package io.lockstep.loadtest.graph;

import java.nio.file.Path;
import java.util.List;

/**
 * Work that both engines do: a graph, and what goes in.
 *
 * @param name unique; words and extents
 * @param section what its ratio is averaged with
 * @param arithmetic of what its speed is a share
 * @param operations of one run, a multiply-add as two; 0 where nobody counts
 * @param file the ONNX model
 * @param inputs in the order of the model's signature
 * @param copies how many times the model is loaded, so that runs in turn find no weights in a cache
 * @param isBrief whether the short form measures it
 * @param comparison how outputs are compared
 */
record GraphCase(
    String name,
    Section section,
    Arithmetic arithmetic,
    double operations,
    Path file,
    List<CaseInput> inputs,
    int copies,
    boolean isBrief,
    Comparison comparison) {

  /** The ceiling that bounds a case. */
  enum Arithmetic {
    FLOATS,
    BYTES,
    /** Reading memory: {@code operations} are bytes. */
    READS,
    NONE
  }

  /** What outputs of a batch are compared with. */
  enum Comparison {
    /** What ONNX Runtime gives for the batch. */
    BATCH,
    /**
     * What ONNX Runtime gives for each item alone: models that quantise activations while they run
     * take a range over all of a batch there, and an item's answer depends on its neighbours.
     */
    EACH_ITEM
  }

  GraphCase withCopies(int newCopies) {
    return new GraphCase(
        name, section, arithmetic, operations, file, inputs, newCopies, isBrief, comparison);
  }
}
