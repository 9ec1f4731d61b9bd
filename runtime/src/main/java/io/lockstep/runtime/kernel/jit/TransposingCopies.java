package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.Copies;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Copies of which transpositions are emitted code. */
final class TransposingCopies implements Copies {

  private final WordTransposer transposer;
  private final @Nullable ByteTransposer byteTransposer;

  /** By rows, from {@link WordInterleaver#LEAST_ROWS} on; empty where there is no AVX-512. */
  private final List<WordInterleaver> interleavers;

  private final Copies others;

  /**
   * Kernels for one instruction set.
   *
   * @param others all but transpositions, and the rows at their ends
   */
  TransposingCopies(Isa isa, Copies others) {
    this.transposer = new WordTransposer(isa);
    this.byteTransposer = isa == Isa.AVX512 ? new ByteTransposer() : null;
    this.interleavers =
        isa == Isa.AVX512
            ? IntStream.rangeClosed(WordInterleaver.LEAST_ROWS, WordInterleaver.MOST_ROWS)
                .mapToObj(WordInterleaver::new)
                .toList()
            : List.of();
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
    others.gather(elementBytes, rows, places, from, fromByte, fromStride, to, toByte, toStride);
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
    others.rows(rows, bytes, from, fromByte, fromStride, to, toByte, toStride);
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
    int done =
        switch (elementBytes) {
          case 1 -> bytes(rows, columns, from, fromByte, fromStride, to, toByte, toStride);
          default -> words(rows, columns, from, fromByte, fromStride, to, toByte, toStride);
        };
    others.transpose(
        elementBytes,
        rows - done,
        columns,
        from,
        fromByte + done * fromStride,
        fromStride,
        to,
        toByte + (long) done * elementBytes,
        toStride);
  }

  /** Transposes all rows or none, and says how many. */
  private int words(
      int rows,
      int columns,
      MemorySegment from,
      long fromByte,
      long fromStride,
      MemorySegment to,
      long toByte,
      long toStride) {
    if (isInterleaved(rows, columns, toStride)) {
      interleavers
          .get(rows - WordInterleaver.LEAST_ROWS)
          .interleave(
              Addresses.of(
                  from, fromByte, (rows - 1) * fromStride + (long) columns * Integer.BYTES),
              fromStride,
              columns,
              Addresses.of(to, toByte, columns * toStride));
      return rows;
    }
    int lanes = transposer.lanes();
    if (columns >= PackGenerator.TRANSPOSED && rows >= lanes) {
      long rowBytes = (long) columns * Integer.BYTES;
      long source = Addresses.of(from, fromByte, (rows - 1) * fromStride + rowBytes);
      long columnBytes = (long) rows * Integer.BYTES;
      long target = Addresses.of(to, toByte, (columns - 1) * toStride + columnBytes);
      for (int row = 0; row < rows; row += lanes) {
        int first = Math.min(row, rows - lanes); // the last rows may be done twice
        transposer.transpose(
            source + first * fromStride,
            fromStride,
            columns,
            target + (long) first * Integer.BYTES,
            toStride);
      }
      return rows;
    }
    return 0;
  }

  private boolean isInterleaved(int rows, int columns, long toStride) {
    return !interleavers.isEmpty()
        && rows >= WordInterleaver.LEAST_ROWS
        && rows <= WordInterleaver.MOST_ROWS
        && columns >= WordInterleaver.LANES
        && toStride == (long) rows * Integer.BYTES;
  }

  /** Transposes all rows or none, and says how many. */
  private int bytes(
      int rows,
      int columns,
      MemorySegment from,
      long fromByte,
      long fromStride,
      MemorySegment to,
      long toByte,
      long toStride) {
    if (byteTransposer == null || rows < ByteTransposer.LEAST || columns < ByteTransposer.LEAST) {
      return 0;
    }
    byteTransposer.transpose(
        Addresses.of(from, fromByte, (rows - 1) * fromStride + columns),
        fromStride,
        rows,
        columns,
        Addresses.of(to, toByte, (columns - 1) * toStride + rows),
        toStride);
    return rows;
  }
}
