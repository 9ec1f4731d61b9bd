package io.lockstep.runtime.kernel.vector;

import io.lockstep.runtime.kernel.ComputePool;
import io.lockstep.runtime.kernel.Epilogue;
import io.lockstep.runtime.kernel.Gemm;
import io.lockstep.runtime.kernel.PackedMatrix;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorArena;
import java.lang.foreign.MemorySegment;

/**
 * Matrix products. Packed: panels of {@link GemmTiles#PANEL} columns one after the other, each
 * float [k, PANEL], columns beyond n zero.
 */
final class VectorGemm implements Gemm {

  private static final int PANEL = GemmTiles.PANEL;

  /** Rows that share a panel while it is in the cache. */
  private static final int ROW_BLOCK = 16 * GemmTiles.ROWS;

  /** Multiply-adds below which handing work to another thread costs more than it saves. */
  private static final long SPLIT_WORK = 1 << 18;

  private final TileEpilogue epilogues;

  VectorGemm(TileEpilogue epilogues) {
    this.epilogues = epilogues;
  }

  @Override
  public PackedMatrix pack(Tensor b, boolean transposed, TensorArena owner) {
    int k = b.shape().extent(transposed ? 1 : 0);
    int n = b.shape().extent(transposed ? 0 : 1);
    int panels = panels(n);
    MemorySegment data = owner.allocateBytes((long) panels * k * PANEL * Float.BYTES);
    MemorySegment source = b.segment();
    for (int panel = 0; panel < panels; panel++) {
      int first = panel * PANEL;
      int columns = Math.min(PANEL, n - first);
      long to = (long) panel * k * PANEL * Float.BYTES;
      if (transposed) {
        transposeInto(source, (long) first * k * Float.BYTES, k, k, columns, data, to);
      } else {
        copyInto(source, (long) first * Float.BYTES, n, k, columns, data, to);
      }
    }
    return new PackedMatrix(k, n, data);
  }

  private static int panels(int n) {
    return (n + PANEL - 1) / PANEL;
  }

  /** Rows of b as they are, in a panel. */
  private static void copyInto(
      MemorySegment b, long bByte, int bStride, int k, int columns, MemorySegment panel, long to) {
    for (int p = 0; p < k; p++) {
      MemorySegment.copy(
          b,
          bByte + (long) p * bStride * Float.BYTES,
          panel,
          to + (long) p * PANEL * Float.BYTES,
          (long) columns * Float.BYTES);
    }
  }

  /** Columns of b stored one after the other, in a panel. */
  private static void transposeInto(
      MemorySegment b, long bByte, int bStride, int k, int columns, MemorySegment panel, long to) {
    for (int column = 0; column < columns; column++) {
      transposeColumn(
          b,
          bByte + (long) column * bStride * Float.BYTES,
          k,
          panel,
          to + (long) column * Float.BYTES);
    }
  }

  private static void transposeColumn(
      MemorySegment b, long from, int k, MemorySegment panel, long to) {
    for (int p = 0; p < k; p++) {
      float value = b.get(Lanes.FLOAT, from + (long) p * Float.BYTES);
      panel.set(Lanes.FLOAT, to + (long) p * PANEL * Float.BYTES, value);
    }
  }

  @Override
  public void gemmF32(
      int rows,
      MemorySegment a,
      long aOffset,
      int aStride,
      PackedMatrix b,
      Epilogue epilogue,
      MemorySegment c,
      long cOffset,
      int cStride,
      ComputePool pool) {
    int panels = panels(b.n());
    int rowBlocks = (rows + ROW_BLOCK - 1) / ROW_BLOCK;
    long work = (long) rows * b.k() * b.n();
    int blocks = rowBlocks * panels;
    int grain = (int) Math.max(1, Math.min(blocks, blocks * SPLIT_WORK / Math.max(work, 1)));
    pool.parallelFor(
        blocks,
        grain,
        (from, to) -> {
          for (int block = from; block < to; block++) {
            int row = block / panels * ROW_BLOCK;
            int panel = block % panels;
            tile(
                Math.min(ROW_BLOCK, rows - row),
                a,
                aOffset + (long) row * aStride,
                aStride,
                b,
                panel,
                epilogue,
                c,
                cOffset + (long) row * cStride,
                cStride);
          }
        });
  }

  private void tile(
      int rows,
      MemorySegment a,
      long aOffset,
      int aStride,
      PackedMatrix b,
      int panel,
      Epilogue epilogue,
      MemorySegment c,
      long cOffset,
      int cStride) {
    int first = panel * PANEL;
    int columns = Math.min(PANEL, b.n() - first);
    long cByte = (cOffset + first) * Float.BYTES;
    GemmTiles.rows(
        rows,
        b.k(),
        a,
        aOffset * Float.BYTES,
        (long) aStride * Float.BYTES,
        b.data(),
        (long) panel * b.k() * PANEL * Float.BYTES,
        (long) PANEL * Float.BYTES,
        c,
        cByte,
        (long) cStride * Float.BYTES,
        columns);
    epilogues.apply(epilogue, 1, rows, first, columns, c, cByte, cStride);
  }

  @Override
  public void matmulF32(
      MatmulShape shape,
      MemorySegment a,
      long aOffset,
      int aStride,
      MemorySegment b,
      long bOffset,
      int bStride,
      float alpha,
      Epilogue epilogue,
      MemorySegment workspace,
      long workspaceOffsetBytes,
      MemorySegment c,
      long cOffset,
      int cStride) {
    for (int first = 0; first < shape.n(); first += PANEL) {
      int columns = Math.min(PANEL, shape.n() - first);
      MemorySegment panel = workspace;
      long panelByte = workspaceOffsetBytes;
      long step = (long) PANEL * Float.BYTES;
      if (shape.transposedB()) {
        long from = (bOffset + (long) first * bStride) * Float.BYTES;
        transposeInto(b, from, bStride, shape.k(), columns, workspace, workspaceOffsetBytes);
      } else if (columns < PANEL) {
        long from = (bOffset + first) * Float.BYTES;
        copyInto(b, from, bStride, shape.k(), columns, workspace, workspaceOffsetBytes);
      } else {
        panel = b;
        panelByte = (bOffset + first) * Float.BYTES;
        step = (long) bStride * Float.BYTES;
      }
      long cByte = (cOffset + first) * Float.BYTES;
      GemmTiles.rows(
          shape.rows(),
          shape.k(),
          a,
          aOffset * Float.BYTES,
          (long) aStride * Float.BYTES,
          panel,
          panelByte,
          step,
          c,
          cByte,
          (long) cStride * Float.BYTES,
          columns);
      epilogues.apply(epilogue, alpha, shape.rows(), first, columns, c, cByte, cStride);
    }
  }

  @Override
  public long matmulWorkspaceBytes(MatmulShape shape) {
    return (long) shape.k() * PANEL * Float.BYTES;
  }
}
