package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.Copies;
import java.lang.foreign.MemorySegment;

/** Copies as emitted code, for AVX-512. */
final class JitCopies implements Copies {

  /** Words of one call, which then takes well under 100 microseconds. */
  private static final int CALL = 16_384;

  /** Longer rows are left to the routine that copies memory. */
  private static final int MOST_BYTES = 2048;

  private static final int LANES = Isa.AVX512.lanes();

  private final Copies others;
  private final NativeKernel gather = CopyGenerator.generate(true);
  private final NativeKernel copy = CopyGenerator.generate(false);

  /**
   * Kernels.
   *
   * @param others takes over rows that are long, or no whole words
   */
  JitCopies(Copies others) {
    this.others = others;
  }

  @Override
  public void gather(
      int rows,
      Places places,
      MemorySegment from,
      long fromByte,
      long fromStride,
      MemorySegment to,
      long toByte,
      long toStride) {
    if (places.count() == 0) {
      return;
    }
    long offsets = Addresses.of(places.offsets(), 0, (long) places.count() * Integer.BYTES);
    Parameters.ofThread().set(CopyGenerator.PLACES, offsets);
    long reach = places.highest() + (long) Integer.BYTES;
    run(gather, rows, places.count(), reach, from, fromByte, fromStride, to, toByte, toStride);
  }

  @Override
  public void rows(
      int rows,
      int bytes,
      MemorySegment from,
      long fromByte,
      long fromStride,
      MemorySegment to,
      long toByte,
      long toStride) {
    if (bytes % Integer.BYTES != 0 || bytes > MOST_BYTES || bytes == 0) {
      others.rows(rows, bytes, from, fromByte, fromStride, to, toByte, toStride);
      return;
    }
    int words = bytes / Integer.BYTES;
    run(copy, rows, words, bytes, from, fromByte, fromStride, to, toByte, toStride);
  }

  private static void run(
      NativeKernel kernel,
      int rows,
      int words,
      long reach,
      MemorySegment from,
      long fromByte,
      long fromStride,
      MemorySegment to,
      long toByte,
      long toStride) {
    if (rows == 0) {
      return;
    }
    long source = Addresses.of(from, fromByte, (rows - 1) * fromStride + reach);
    long toBytes = (rows - 1) * toStride + (long) words * Integer.BYTES;
    long target = Addresses.of(to, toByte, toBytes);
    Parameters parameters = Parameters.ofThread();
    parameters.set(CopyGenerator.VECTORS, words / LANES);
    parameters.set(CopyGenerator.REST, (1L << words % LANES) - 1);
    parameters.set(CopyGenerator.FROM_STRIDE, fromStride);
    parameters.set(CopyGenerator.TO_STRIDE, toStride);
    int step = Math.max(1, CALL / words);
    for (int row = 0; row < rows; row += step) {
      parameters.set(CopyGenerator.ROWS, Math.min(step, rows - row));
      parameters.set(CopyGenerator.FROM, source + row * fromStride);
      parameters.set(CopyGenerator.TO, target + row * toStride);
      kernel.call(parameters);
    }
  }
}
