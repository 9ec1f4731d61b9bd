package io.lockstep.loadtest.graph;

import java.nio.file.Path;
import java.util.List;

/**
 * Work that both engines do: a graph, and what goes in.
 *
 * @param name unique; words and extents
 * @param group what its ratio is averaged with
 * @param arithmetic of what its speed is a share
 * @param operations of one run, a multiply-add as two; 0 where nobody counts
 * @param file the ONNX model
 * @param inputs in the order of the model's signature
 * @param copies how many times the model is loaded, so that runs in turn find no weights in a cache
 * @param isBrief whether the short form measures it
 */
record GraphCase(
    String name,
    String group,
    Arithmetic arithmetic,
    double operations,
    Path file,
    List<CaseInput> inputs,
    int copies,
    boolean isBrief) {

  /** The ceiling that bounds a case. */
  enum Arithmetic {
    FLOATS,
    BYTES,
    /** Reading memory: {@code operations} are bytes. */
    READS,
    NONE
  }

  GraphCase withCopies(int newCopies) {
    return new GraphCase(name, group, arithmetic, operations, file, inputs, newCopies, isBrief);
  }
}
