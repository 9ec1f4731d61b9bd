package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.ConvGeometry;

/**
 * How the results of a depthwise convolution are cut into tiles.
 *
 * @param rows rows of a tile; the last ones of an image may be fewer
 * @param columns columns of a tile; the last one may repeat results of the one before
 */
record DepthwisePlan(Isa isa, int rows, int columns) {

  private static final int MOST_ROWS = 4;
  private static final int MOST_COLUMNS = 8;

  /** Fewer sums wait for each other's additions. */
  private static final int LEAST_RESULTS = 6;

  /** Cycles that a vector takes from the second-level cache. */
  private static final int FETCH = 2;

  /** No tile: other kernels are to be used. */
  static final DepthwisePlan NONE = new DepthwisePlan(Isa.AVX2, 0, 0);

  /** The cheapest tile that registers suffice for. */
  static DepthwisePlan of(Isa isa, WindowFold fold, ConvGeometry g) {
    DepthwisePlan best = NONE;
    double least = Double.POSITIVE_INFINITY;
    for (int rows = 1; rows <= Math.min(MOST_ROWS, g.outputHeight()); rows++) {
      for (int columns = 1; columns <= Math.min(MOST_COLUMNS, g.outputWidth()); columns++) {
        double cost = cost(g, rows, columns);
        int registers = registers(g, rows, columns) + otherRegisters(fold);
        if (registers <= isa.registers() && cost < least) {
          best = new DepthwisePlan(isa, rows, columns);
          least = cost;
        }
      }
    }
    return best.isWorthwhile(g) ? best : NONE;
  }

  /** Registers for pixels on their way, and for the zero point of bytes. */
  static int otherRegisters(WindowFold fold) {
    return fold.isOfBytes() ? 3 : 2;
  }

  private boolean isWorthwhile(ConvGeometry g) {
    return rows * columns >= Math.min(LEAST_RESULTS, g.outputSize());
  }

  private static int registers(ConvGeometry g, int rows, int columns) {
    int kernelRows = Math.ceilDiv((rows - 1) * g.strideHeight() + 1, g.dilationHeight());
    int taps = Math.min(kernelRows, g.kernelHeight()) * g.kernelWidth();
    return rows * columns + taps;
  }

  /** Cycles for a row of results and a vector of channels, about. */
  private static double cost(ConvGeometry g, int rows, int columns) {
    int lines = DepthwiseTile.extent(rows, g.strideHeight(), g.kernelHeight(), g.dilationHeight());
    int wide = DepthwiseTile.extent(columns, g.strideWidth(), g.kernelWidth(), g.dilationWidth());
    int taps = g.kernelHeight() * g.kernelWidth();
    double products = (double) rows * columns * taps;
    double fetched = (double) FETCH * lines * columns * g.strideWidth();
    double tile = products + (double) lines * wide + taps + fetched;
    return tile * Math.ceilDiv(g.outputWidth(), columns) / rows;
  }
}
