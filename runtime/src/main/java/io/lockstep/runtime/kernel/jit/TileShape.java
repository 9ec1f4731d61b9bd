package io.lockstep.runtime.kernel.jit;

/**
 * Which tile of a product a kernel computes.
 *
 * @param product the element types
 * @param rows rows of the tile
 * @param panels neighbouring panels of columns that it covers
 * @param vectors vectors of columns in a panel; fewer than {@link #PANEL_VECTORS} in a narrow last
 *     panel, which then is the only one
 * @param isMasked whether the last vector is not full, which then is in the only panel
 */
record TileShape(Product product, int rows, int panels, int vectors, boolean isMasked) {

  /** Vectors in a row of a panel as it is packed. */
  static final int PANEL_VECTORS = 2;

  /**
   * Element types of a product; 32 bits of a lane hold one or several elements of the reduction.
   */
  enum Product {
    /** Floats times floats. */
    FLOATS(1),
    /** Unsigned times signed bytes, four to a lane, by the processor's dot product. */
    BYTES(4),
    /** 16-bit integers, two to a lane, where the processor has no dot product of bytes. */
    WORDS(2);

    private final int depth;

    Product(int depth) {
      this.depth = depth;
    }

    /** Elements of the reduction in a lane. */
    int depth() {
      return depth;
    }

    /** Steps of the kernel for a reduction of such a length. */
    int steps(int k) {
      return Math.ceilDiv(k, depth);
    }
  }

  /** The panels that a tile of so many rows should cover, so that enough sums are in flight. */
  static int panelsFor(Isa isa, int rows) {
    if (isa == Isa.AVX512) {
      return rows <= 2 ? 4 : rows <= 6 ? 2 : 1;
    }
    return rows == 1 ? 4 : rows == 2 ? 2 : 1;
  }

  /** Rows of the largest tile. */
  static int mostRows(Isa isa) {
    return isa == Isa.AVX512 ? 14 : 6;
  }

  int columns() {
    return panels * vectors;
  }
}
