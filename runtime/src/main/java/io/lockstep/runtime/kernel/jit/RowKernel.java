package io.lockstep.runtime.kernel.jit;

/** A kernel over rows of floats, with its constants. */
final class RowKernel {

  /** Elements of one call, which then takes well under 100 microseconds. */
  private static final int CALL = 8192;

  private final Isa isa;
  private final NativeKernel kernel;
  private final ConstantPool pool;

  RowKernel(RowGenerator generator) {
    this.isa = generator.isa;
    this.kernel = generator.generate();
    this.pool = new ConstantPool(isa, generator.constants());
  }

  /**
   * Runs over rows without gaps.
   *
   * @param first parameter 0
   * @param second parameter 1
   * @param gamma address of float [length], or 0
   * @param beta address of float [length], or 0
   * @param x address of float [rows, length]
   * @param y address of float [rows, length]
   */
  void run(int rows, int length, float first, float second, long gamma, long beta, long x, long y) {
    Parameters parameters = Parameters.ofThread();
    int rest = length % RowGenerator.CHUNK;
    long stride = (long) length * Float.BYTES;
    parameters.set(RowGenerator.STRIDE_SLOT, stride);
    parameters.set(RowGenerator.CHUNKS_SLOT, length / RowGenerator.CHUNK);
    parameters.set(RowGenerator.REST_SLOT, rest);
    for (int i = 0; i < RowGenerator.CHUNK / isa.lanes(); i++) {
      int there = Math.clamp(rest - (long) i * isa.lanes(), 0, isa.lanes());
      parameters.set(RowGenerator.MASKS_SLOT + i, pool.mask(there));
    }
    parameters.set(RowGenerator.CONSTANTS_SLOT, pool.address());
    parameters.set(RowGenerator.PARAMETERS_SLOT, first, second);
    parameters.set(RowGenerator.GAMMA_SLOT, gamma);
    parameters.set(RowGenerator.BETA_SLOT, beta);
    int step = Math.max(1, CALL / Math.max(1, length));
    for (int row = 0; row < rows; row += step) {
      parameters.set(RowGenerator.ROWS_SLOT, Math.min(step, rows - row));
      parameters.set(RowGenerator.X_SLOT, x + row * stride);
      parameters.set(RowGenerator.Y_SLOT, y + row * stride);
      kernel.call(parameters);
    }
  }
}
