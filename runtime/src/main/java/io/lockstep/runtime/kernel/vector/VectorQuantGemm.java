package io.lockstep.runtime.kernel.vector;

import io.lockstep.runtime.kernel.ComputePool;
import io.lockstep.runtime.kernel.Epilogue;
import io.lockstep.runtime.kernel.PackedQuantMatrix;
import io.lockstep.runtime.kernel.QuantColumns;
import io.lockstep.runtime.kernel.QuantGemm;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import org.jspecify.annotations.Nullable;

/**
 * Products of 8-bit integers on floating-point units. Packed: panels of {@link GemmTiles#PANEL}
 * columns one after the other, each bytes [k, PANEL].
 */
final class VectorQuantGemm implements QuantGemm {

  /*
   * The Vector API has no dot product of bytes, so blocks of the reduction are multiplied as floats,
   * exactly: operands without their zero points are at most 255 in magnitude, and a sum of 256 of
   * their products at most 256 * 255 * 255 = 16,646,400, below the 2^24 up to which every integer is
   * a float. Each block's sums are then added as int32. The weights stay bytes in memory; one block
   * of a panel at a time is widened and shared by all rows.
   */
  private static final int K_BLOCK = 256;

  private static final int PANEL = GemmTiles.PANEL;
  private static final int ROW_BLOCK = 8 * GemmTiles.ROWS;

  /** Threads that one product is split over at most; each needs scratch memory of its own. */
  private static final int MAX_SPLIT = Math.min(32, Runtime.getRuntime().availableProcessors());

  private static final long WIDENED_BYTES = (long) K_BLOCK * PANEL * Float.BYTES;
  private static final long TILE_BYTES = (long) ROW_BLOCK * PANEL * Float.BYTES;
  private static final long SPLIT_WORK = 1 << 18;

  private final TileEpilogue epilogues;

  VectorQuantGemm(TileEpilogue epilogues) {
    this.epilogues = epilogues;
  }

  @Override
  public PackedQuantMatrix pack(
      Tensor b, boolean transposed, @Nullable Tensor zeroPoint, TensorArena owner) {
    QuantColumns columns = QuantColumns.of(b, transposed, zeroPoint, owner);
    columns.sum();
    int k = columns.k();
    MemorySegment data = owner.allocateBytes((long) panels(columns.n()) * k * PANEL);
    for (int column = 0; column < columns.n(); column++) {
      long to = (long) (column / PANEL) * k * PANEL + column % PANEL;
      for (int row = 0; row < k; row++) {
        data.set(
            ValueLayout.JAVA_BYTE, to + (long) row * PANEL, (byte) columns.element(row, column));
      }
    }
    return columns.packed(data);
  }

  private static int panels(int n) {
    return (n + PANEL - 1) / PANEL;
  }

  @Override
  public long workspaceBytes(int rows, PackedQuantMatrix b) {
    return (long) rows * b.k() * Float.BYTES + MAX_SPLIT * (WIDENED_BYTES + TILE_BYTES);
  }

  @Override
  public void gemmI32(
      int rows,
      MemorySegment a,
      long aOffset,
      int aStride,
      boolean aSigned,
      MemorySegment aZeroPoints,
      PackedQuantMatrix b,
      MemorySegment workspace,
      MemorySegment c,
      long cOffset,
      int cStride,
      ComputePool pool) {
    widenRows(rows, a, aOffset, aStride, aSigned, aZeroPoints, b.k(), workspace, pool);
    int panels = panels(b.n());
    int chunks = chunks(rows, b, pool);
    pool.parallelFor(
        chunks,
        1,
        (from, to) -> {
          for (int chunk = from; chunk < to; chunk++) {
            int last = (int) ((long) panels * (chunk + 1) / chunks);
            for (int panel = (int) ((long) panels * chunk / chunks); panel < last; panel++) {
              panel(rows, b, panel, workspace, chunk, c, cOffset, cStride);
            }
          }
        });
  }

  @Override
  public void gemmF32(
      int rows,
      MemorySegment a,
      long aOffset,
      int aStride,
      boolean aSigned,
      MemorySegment aZeroPoints,
      MemorySegment aScales,
      PackedQuantMatrix b,
      MemorySegment bScales,
      Epilogue epilogue,
      MemorySegment workspace,
      MemorySegment c,
      long cOffset,
      int cStride,
      ComputePool pool) {
    widenRows(rows, a, aOffset, aStride, aSigned, aZeroPoints, b.k(), workspace, pool);
    int panels = panels(b.n());
    int chunks = chunks(rows, b, pool);
    pool.parallelFor(
        chunks,
        1,
        (from, to) -> {
          for (int chunk = from; chunk < to; chunk++) {
            int last = (int) ((long) panels * (chunk + 1) / chunks);
            for (int panel = (int) ((long) panels * chunk / chunks); panel < last; panel++) {
              panel(rows, b, panel, workspace, chunk, c, cOffset, cStride);
              int first = panel * PANEL;
              int columns = Math.min(PANEL, b.n() - first);
              long cByte = (cOffset + first) * Float.BYTES;
              for (int row = 0; row < rows; row++) {
                float scale = aScales.get(Lanes.FLOAT, (long) row * Float.BYTES);
                long at = cByte + (long) row * cStride * Float.BYTES;
                rescale(c, at, scale, bScales, (long) first * Float.BYTES, columns);
              }
              epilogues.apply(epilogue, 1, rows, first, columns, c, cByte, cStride);
            }
          }
        });
  }

  private static int chunks(int rows, PackedQuantMatrix b, ComputePool pool) {
    long work = (long) rows * b.k() * b.n();
    int useful = (int) Math.min(panels(b.n()), Math.max(1, work / SPLIT_WORK));
    return Math.min(MAX_SPLIT, Math.min(pool.threads(), useful));
  }

  /** The rows of a as floats without their zero points, float [rows, k] in the workspace. */
  private static void widenRows(
      int rows,
      MemorySegment a,
      long aOffset,
      int aStride,
      boolean aSigned,
      MemorySegment aZeroPoints,
      int k,
      MemorySegment workspace,
      ComputePool pool) {
    pool.parallelFor(
        rows,
        Math.max(1, 65536 / Math.max(1, k)),
        (from, to) -> {
          for (int row = from; row < to; row++) {
            int zero = aZeroPoints.get(Lanes.INT, (long) row * Integer.BYTES);
            long start = aOffset + (long) row * aStride;
            IntLoops.widen(
                a, start, aSigned ? -1 : 0xff, zero, workspace, (long) row * k * Float.BYTES, k);
          }
        });
  }

  /** c[rows, one panel] as int32, block by block of the reduction. */
  private static void panel(
      int rows,
      PackedQuantMatrix b,
      int panel,
      MemorySegment workspace,
      int chunk,
      MemorySegment c,
      long cOffset,
      int cStride) {
    int k = b.k();
    int first = panel * PANEL;
    int columns = Math.min(PANEL, b.n() - first);
    long scratch = (long) rows * k * Float.BYTES + chunk * (WIDENED_BYTES + TILE_BYTES);
    long tile = scratch + WIDENED_BYTES;
    for (int block = 0; block == 0 || block < k; block += K_BLOCK) {
      int length = Math.min(K_BLOCK, k - block);
      widenPanel(b, panel, block, length, columns, workspace, scratch);
      for (int row = 0; row < rows; row += ROW_BLOCK) {
        int count = Math.min(ROW_BLOCK, rows - row);
        GemmTiles.rows(
            count,
            length,
            workspace,
            ((long) row * k + block) * Float.BYTES,
            (long) k * Float.BYTES,
            workspace,
            scratch,
            (long) PANEL * Float.BYTES,
            workspace,
            tile,
            (long) PANEL * Float.BYTES,
            PANEL);
        for (int i = 0; i < count; i++) {
          addAsInts(
              workspace,
              tile + (long) i * PANEL * Float.BYTES,
              block == 0,
              c,
              (cOffset + (long) (row + i) * cStride + first) * Integer.BYTES,
              columns);
        }
      }
    }
  }

  private static void widenPanel(
      PackedQuantMatrix b,
      int panel,
      int block,
      int length,
      int columns,
      MemorySegment workspace,
      long scratch) {
    long from = (long) panel * b.k() * PANEL + (long) block * PANEL;
    if (columns == PANEL && VectorQuantize.loadsWholeVectors()) {
      for (int vector = 0; vector < PANEL; vector += Lanes.COUNT) {
        IntVector zeros =
            IntVector.fromMemorySegment(
                Lanes.INTS,
                b.zeroPoints(),
                ((long) panel * PANEL + vector) * Integer.BYTES,
                java.nio.ByteOrder.LITTLE_ENDIAN);
        widenColumns(
            b.data(),
            from + vector,
            zeros,
            length,
            workspace,
            scratch + (long) vector * Float.BYTES);
      }
      return;
    }
    for (int p = 0; p < length; p++) {
      for (int column = 0; column < columns; column++) {
        int zero = b.zeroPoints().get(Lanes.INT, ((long) panel * PANEL + column) * Integer.BYTES);
        long at = (long) p * PANEL + column;
        int value = b.data().get(ValueLayout.JAVA_BYTE, from + at) - zero;
        workspace.set(Lanes.FLOAT, scratch + at * Float.BYTES, value);
      }
    }
  }

  private static void widenColumns(
      MemorySegment data, long from, IntVector zeros, int length, MemorySegment to, long target) {
    for (int p = 0; p < length; p++) {
      IntVector ints = VectorQuantize.bytes(data, from + (long) p * PANEL).sub(zeros);
      FloatVector floats = (FloatVector) ints.convert(VectorOperators.I2F, 0);
      Lanes.store(floats, to, target + (long) p * PANEL * Float.BYTES);
    }
  }

  /** c = or += the integers that the floats of a tile's row are. */
  private static void addAsInts(
      MemorySegment tile, long from, boolean first, MemorySegment c, long to, int count) {
    int i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      long at = (long) i * Float.BYTES;
      IntVector ints = (IntVector) Lanes.load(tile, from + at).convert(VectorOperators.F2I, 0);
      if (!first) {
        ints =
            ints.add(
                IntVector.fromMemorySegment(
                    Lanes.INTS, c, to + at, java.nio.ByteOrder.LITTLE_ENDIAN));
      }
      ints.intoMemorySegment(c, to + at, java.nio.ByteOrder.LITTLE_ENDIAN);
    }
    for (; i < count; i++) {
      long at = (long) i * Float.BYTES;
      int value = (int) tile.get(Lanes.FLOAT, from + at);
      c.set(Lanes.INT, to + at, first ? value : value + c.get(Lanes.INT, to + at));
    }
  }

  /** The int32 of a row as floats, times (aScale bScale[column]). */
  private static void rescale(
      MemorySegment c, long at, float aScale, MemorySegment bScales, long scaleAt, int count) {
    int i = 0;
    for (; i <= count - Lanes.COUNT; i += Lanes.COUNT) {
      long offset = (long) i * Float.BYTES;
      IntVector ints =
          IntVector.fromMemorySegment(Lanes.INTS, c, at + offset, java.nio.ByteOrder.LITTLE_ENDIAN);
      FloatVector scale = Lanes.load(bScales, scaleAt + offset).mul(aScale);
      Lanes.store(((FloatVector) ints.convert(VectorOperators.I2F, 0)).mul(scale), c, at + offset);
    }
    for (; i < count; i++) {
      long offset = (long) i * Float.BYTES;
      float scale = aScale * bScales.get(Lanes.FLOAT, scaleAt + offset);
      c.set(Lanes.FLOAT, at + offset, c.get(Lanes.INT, at + offset) * scale);
    }
  }
}
