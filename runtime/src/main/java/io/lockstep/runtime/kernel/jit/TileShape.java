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
 * @param fetchedLines cache lines of the panels used next that a turn of the loop fetches; 0 to
 *     fetch what lies ahead in the panels at hand, {@link #UNFETCHED} to fetch nothing
 * @param hasSums whether the sums are there already, at {@link AmxSlots#SUMS}, and only what
 *     follows the reduction is left
 */
record TileShape(
    Product product,
    int rows,
    int panels,
    int vectors,
    boolean isMasked,
    int fetchedLines,
    boolean hasSums) {

  /** Steps of the reduction in one turn of the loop. */
  static final int UNROLL = 4;

  private static final int LINE_BYTES = 64;

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

  /**
   * The lines that a turn should fetch: a power of two.
   *
   * @param tiles that use the same panels one after the other, and share the fetching
   */
  static int fetchedLines(Isa isa, int panels, int tiles) {
    if (tiles <= 1) {
      return 0;
    }
    int lines = panels * PANEL_VECTORS * isa.vectorBytes() * UNROLL / LINE_BYTES;
    int share = Math.ceilDiv(lines, tiles);
    return Math.min(MOST_FETCHED, Integer.highestOneBit(2 * share - 1));
  }

  /** Rows up to which reading weights takes longer than multiplying with them. */
  static int fewRows(Product product) {
    return product == Product.FLOATS ? 4 : 2;
  }

  /** No lines, neither of the panels at hand nor of others. */
  static final int UNFETCHED = -1;

  /** The largest of {@link #fetchedLines}. */
  static final int MOST_FETCHED = 8;

  int columns() {
    return panels * vectors;
  }
}
