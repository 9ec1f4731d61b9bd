package io.lockstep.loadtest.decode;

import java.util.List;

/**
 * The extents of a model of the Llama family.
 *
 * @param name as the command line has it: width x layers
 */
record ModelShape(String name, int width, int layers, int heads, int kvHeads, int feedForward) {

  /** About 134 million, 0.5 and 1.1 billion parameters with 32,000 tokens. */
  static final List<ModelShape> ALL =
      List.of(
          new ModelShape("768x12", 768, 12, 12, 12, 2048),
          new ModelShape("1024x24", 1024, 24, 16, 16, 4096),
          new ModelShape("2048x22", 2048, 22, 32, 4, 5632));

  static ModelShape of(String name) {
    return ALL.stream()
        .filter(shape -> shape.name.equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no shape " + name + ", only " + ALL));
  }

  int kvWidth() {
    return width / heads * kvHeads;
  }
}
