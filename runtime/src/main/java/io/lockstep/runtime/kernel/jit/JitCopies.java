package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.Copies;
import io.lockstep.runtime.kernel.LaneStretches;
import io.lockstep.runtime.kernel.jit.CopyGenerator.Form;
import java.lang.foreign.MemorySegment;
import java.util.stream.IntStream;

/** Copies as emitted code, for AVX-512. */
final class JitCopies implements Copies {

  /** Elements of one call, which then takes well under 100 microseconds. */
  private static final int CALL = 16_384;

  /** Longer rows are left to the routine that copies memory. */
  private static final int MOST_BYTES = 2048;

  private static final int VECTOR_BYTES = Isa.AVX512.vectorBytes();
  private static final int LANES = Isa.AVX512.lanes();

  private final Copies others;
  private final NativeKernel gatherWords = CopyGenerator.generate(Form.GATHERED_WORDS);
  private final NativeKernel gatherBytes = CopyGenerator.generate(Form.GATHERED_BYTES);
  private final NativeKernel copy = CopyGenerator.generate(Form.WORDS);
  private final NativeKernel[] stretches =
      IntStream.rangeClosed(1, LaneStretches.MOST)
          .mapToObj(CopyGenerator::generateStretches)
          .toArray(NativeKernel[]::new);

  /**
   * Kernels.
   *
   * @param others takes over transpositions, and rows that are long or no whole words
   */
  JitCopies(Copies others) {
    this.others = others;
  }

  @Override
  public void gather(
      int elementBytes,
      int rows,
      Places places,
      MemorySegment from,
      long fromByte,
      long fromStride,
      MemorySegment to,
      long toByte,
      long toStride) {
    if (places.count() == 0 || rows == 0) {
      return;
    }
    boolean isWords = elementBytes == Integer.BYTES;
    boolean isStretches = isWords && places.stretches().isPresent();
    long reach = places.highest() + (long) (isStretches ? VECTOR_BYTES : Integer.BYTES);
    int safe = isWords && !isStretches ? rows : safeRows(rows, from, fromByte, fromStride, reach);
    Move move;
    if (isStretches) {
      LaneStretches few = places.stretches().get();
      setPlaces(few.table(), few.table().byteSize());
      move = new Move(stretches[few.count() - 1], places.count(), reach, places.wordBytes());
    } else {
      setPlaces(places.offsets(), places.wordBytes());
      NativeKernel kernel = isWords ? gatherWords : gatherBytes;
      move = new Move(kernel, places.count(), reach, (long) places.count() * elementBytes);
    }
    move.run(safe, from, fromByte, fromStride, to, toByte, toStride);
    others.gather(
        elementBytes,
        rows - safe,
        places,
        from,
        fromByte + safe * fromStride,
        fromStride,
        to,
        toByte + safe * toStride,
        toStride);
  }

  private static void setPlaces(MemorySegment table, long bytes) {
    Parameters.ofThread().set(CopyGenerator.PLACES, Addresses.of(table, 0, bytes));
  }

  /** How many rows may be read that far beyond their start. */
  private static int safeRows(
      int rows, MemorySegment from, long fromByte, long fromStride, long reach) {
    int safe = rows;
    while (safe > 0 && fromByte + (safe - 1) * fromStride + reach > from.byteSize()) {
      safe--;
    }
    return safe;
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
    Move move = new Move(copy, words, bytes, bytes);
    move.run(rows, from, fromByte, fromStride, to, toByte, toStride);
  }

  @Override
  public void transpose(
      int elementBytes,
      int rows,
      int columns,
      MemorySegment from,
      long fromByte,
      long fromStride,
      MemorySegment to,
      long toByte,
      long toStride) {
    others.transpose(elementBytes, rows, columns, from, fromByte, fromStride, to, toByte, toStride);
  }

  /**
   * Rows that a kernel moves.
   *
   * @param elements of a row
   * @param reach bytes that it may read from a row's start on
   * @param bytes that it writes
   */
  private record Move(NativeKernel kernel, int elements, long reach, long bytes) {

    void run(
        int rows,
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
      long target = Addresses.of(to, toByte, (rows - 1) * toStride + bytes);
      Parameters parameters = Parameters.ofThread();
      parameters.set(CopyGenerator.VECTORS, elements / LANES);
      parameters.set(CopyGenerator.REST, (1L << elements % LANES) - 1);
      parameters.set(CopyGenerator.FROM_STRIDE, fromStride);
      parameters.set(CopyGenerator.TO_STRIDE, toStride);
      int step = Math.max(1, CALL / elements);
      for (int row = 0; row < rows; row += step) {
        parameters.set(CopyGenerator.ROWS, Math.min(step, rows - row));
        parameters.set(CopyGenerator.FROM, source + row * fromStride);
        parameters.set(CopyGenerator.TO, target + row * toStride);
        kernel.call(parameters);
      }
    }
  }
}
