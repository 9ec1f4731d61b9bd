package io.lockstep.runtime.kernel.jit;

/** Transposes words: as many rows at a time as a vector has lanes. */
final class WordTransposer {

  /** Columns of one call, which then takes well under 100 microseconds. */
  private static final int CALL = 4096;

  private final Isa isa;
  private final NativeKernel kernel;

  WordTransposer(Isa isa) {
    this.isa = isa;
    this.kernel = PackGenerator.transposing(isa);
  }

  /** Rows that go together. */
  int lanes() {
    return isa.lanes();
  }

  /**
   * Transposes as many rows as there are lanes, four columns at a time; where there are not whole
   * fours, the last four overlap those before.
   *
   * @param from address of words [lanes, columns], rows {@code fromStride} bytes apart
   * @param columns at least {@link PackGenerator#TRANSPOSED}
   * @param to address of words [columns, lanes], rows {@code toStride} bytes apart
   */
  void transpose(long from, long fromStride, int columns, long to, long toStride) {
    int step = PackGenerator.TRANSPOSED;
    Parameters parameters = Parameters.ofThread();
    parameters.set(PackGenerator.STRIDE_SLOT, fromStride);
    parameters.set(PackGenerator.TO_STRIDE_SLOT, toStride);
    int whole = columns / step * step;
    for (int column = 0; column < whole; column += CALL) {
      run(parameters, Math.min(CALL, whole - column), from, to, column, toStride);
    }
    if (whole < columns) {
      run(parameters, step, from, to, columns - step, toStride);
    }
  }

  private void run(
      Parameters parameters, int columns, long from, long to, int column, long toStride) {
    parameters.set(PackGenerator.FROM_SLOT, from + (long) column * Integer.BYTES);
    parameters.set(PackGenerator.TO_SLOT, to + column * toStride);
    parameters.set(PackGenerator.COUNT_SLOT, columns / PackGenerator.TRANSPOSED);
    kernel.call(parameters);
  }
}
