package io.lockstep.loadtest.graph;

import java.util.OptionalDouble;

/** Cases whose ratios belong together, in the order of the table. */
enum Section {
  FEW_ROWS("fp32 product, up to 16 rows", 1.2),
  PRODUCTS("fp32 product", 1.0),
  INTEGER_PRODUCTS("int8 product", 1.05),
  DYNAMIC_PRODUCTS("int8 product of floats", 1.0),
  BLOCK_PRODUCTS("4-bit and 8-bit blocks"),
  CONVOLUTIONS("fp32 convolution", 1.0),
  INTEGER_CONVOLUTIONS("int8 convolution", 1.0),
  ROWS("rows", 1.0),
  ELEMENTS("steps of elements"),
  ATTENTION("attention", 1.1),
  RECURRENT("recurrent"),
  FLOAT_TEXT("fp32 embeddings", 1.3),
  INTEGER_TEXT("int8 embeddings", 2.0),
  IMAGES("images and speech", 0.95);

  private final String title;
  private final OptionalDouble target;

  Section(String title) {
    this.title = title;
    target = OptionalDouble.empty();
  }

  Section(String title, double target) {
    this.title = title;
    this.target = OptionalDouble.of(target);
  }

  String title() {
    return title;
  }

  /** The ratio that every case should reach, where there is such an aim. */
  OptionalDouble target() {
    return target;
  }
}
