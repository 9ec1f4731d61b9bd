package io.lockstep.runtime.kernel;

import java.lang.foreign.MemorySegment;

/**
 * Products whose left-hand rows are windows of an image, read where they lie. An element is summed
 * as in {@link Gemm}, so that it has the same bits as if windows had been laid out as rows.
 */
public interface WindowGemm {

  /**
   * Windows that all lie inside an image; everything counts elements. A window is {@code pieces}
   * runs of {@code pieceLength} neighbours, in lines one below the other.
   *
   * @param rows rows of windows
   * @param columns windows in a row
   * @param rowStride from a window to the one below
   * @param columnStride from a window to the next in its row
   * @param linePieces pieces of a line; divides {@code pieces}
   * @param pieceStride from a piece to the next of its line
   * @param lineStride from a line to the next
   */
  record Windows(
      int rows,
      int columns,
      long rowStride,
      int columnStride,
      int pieces,
      int pieceLength,
      int linePieces,
      int pieceStride,
      long lineStride) {

    /** The first rows of these windows. */
    Windows withRows(int count) {
      return new Windows(
          count,
          columns,
          rowStride,
          columnStride,
          pieces,
          pieceLength,
          linePieces,
          pieceStride,
          lineStride);
    }

    /** Elements from the first one of the first window to behind the last one of the last. */
    public long extent() {
      return rows == 0 || columns == 0
          ? 0
          : (rows - 1) * rowStride
              + (columns - 1L) * columnStride
              + pieceStart(pieces - 1)
              + pieceLength;
    }

    /** Where a piece begins in its window. */
    public long pieceStart(int piece) {
      return piece / linePieces * lineStride + (long) (piece % linePieces) * pieceStride;
    }
  }

  /**
   * c = epilogue(a b).
   *
   * @param a float, at {@code aOffset} the first window
   * @param b of {@code pieces * pieceLength} rows
   * @param c float [windows.rows, windows.columns, cStride], of which the first b.n columns are set
   */
  void windowsF32(
      Windows windows,
      MemorySegment a,
      long aOffset,
      PackedMatrix b,
      Epilogue epilogue,
      MemorySegment c,
      long cOffset,
      int cStride,
      ComputePool pool);
}
