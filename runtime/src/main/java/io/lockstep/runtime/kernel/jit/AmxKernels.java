package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.PerThread;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Products of bytes on AMX, each kernel generated when it is first needed. Of 17 to 31 rows the
 * last 16 are the second tile, which overlaps the first: all tiles of a call have one shape, which
 * takes as long to set as a dozen products.
 */
final class AmxKernels implements PanelProducts {

  /** What a call computes: enough panels to make little of setting shapes. */
  static final ProductBlocks.Size BLOCKS =
      new ProductBlocks.Size(2 * AmxGenerator.TILE_ROWS, 8, 1_600_000);

  private static final int TILE_ROWS = AmxGenerator.TILE_ROWS;

  /** Rows that are finished at a time, where they divide the rows of a call. */
  private static final int FINISHED_ROWS = 8;

  private static final int CONFIGURATION_BYTES = 64;

  /** Rows below which dot products of vectors are faster. */
  private static final int LEAST_ROWS = 5;

  /** Bytes of results that are likely to lie outside the second-level cache. */
  private static final long FAR_BYTES = 1 << 20;

  private static final int MOST_ROWS_AHEAD = 8;

  /** Shapes of tiles for 1 to 16 rows of A. */
  private static final MemorySegment CONFIGURATIONS = configurations();

  private static final PerThread<MemorySegment> ROOM =
      PerThread.withInitial(
          () -> Arena.ofAuto().allocate(BLOCKS.rows() * (long) AmxSlots.SUMS_STRIDE, 4096));

  private final TileKernels tiles;
  private final AtomicReferenceArray<NativeKernel> kernels =
      new AtomicReferenceArray<>(8 * (MOST_ROWS_AHEAD + 1));

  /**
   * Kernels beside those of {@link TileShape.Product#BYTES}.
   *
   * @param tiles what finishes the sums; panels must be filled up to whole {@link
   *     AmxGenerator#TILE_DEPTH}
   */
  AmxKernels(TileKernels tiles) {
    this.tiles = tiles;
  }

  /** Whether such products are faster here than on vectors. */
  static boolean takes(int rows, int k) {
    return rows >= LEAST_ROWS && k > 0;
  }

  @Override
  public int panelsFor(int rows) {
    return BLOCKS.panels();
  }

  /**
   * {@inheritDoc}
   *
   * @param rows at most those of {@link #BLOCKS}
   */
  @Override
  public void run(int rows, int columns, Parameters parameters) {
    int panelColumns = Math.min(columns, tiles.panelColumns());
    int tileRows = Math.min(rows, TILE_ROWS);
    long others = (long) rows - tileRows;
    parameters.set(AmxSlots.CONFIGURATION, configuration(tileRows));
    parameters.set(AmxSlots.ROOM, ROOM.get().address());
    long depth = parameters.get(TileSlots.STEPS) * Integer.BYTES;
    int steps = (int) Math.ceilDiv(depth, AmxGenerator.TILE_DEPTH);
    parameters.set(AmxSlots.STEPS, steps);
    parameters.set(AmxSlots.PANELS, columns / panelColumns);
    parameters.set(AmxSlots.OTHERS, others * parameters.get(TileSlots.A_STRIDE));
    parameters.set(AmxSlots.OTHER_SUMS, others * AmxSlots.SUMS_STRIDE);
    int finished = finishedRows(rows);
    finish(AmxSlots.FINISH, rows / finished, finished, panelColumns, parameters);
    finish(AmxSlots.FINISH_LAST, 1, rows % finished, panelColumns, parameters);
    boolean isFar = parameters.get(AmxSlots.RESULT_BYTES) >= FAR_BYTES;
    int rowsAhead = isFar ? Math.min(MOST_ROWS_AHEAD, Math.ceilDiv(rows, steps)) : 0;
    boolean isFirst = parameters.get(AmxSlots.IS_FIRST) != 0;
    int rowTiles = Math.ceilDiv(rows, TILE_ROWS);
    int columnTiles = Math.ceilDiv(panelColumns, tiles.isa().lanes());
    kernel(new AmxGenerator.Shape(rowTiles, columnTiles, rowsAhead, isFirst)).call(parameters);
  }

  /** The address of the shapes of tiles for so many rows of A, 1 to 16. */
  static long configuration(int tileRows) {
    return CONFIGURATIONS.address() + (long) (tileRows - 1) * CONFIGURATION_BYTES;
  }

  /** The rows that a finishing kernel takes at a time: a divisor where there is a good one. */
  private int finishedRows(int rows) {
    return rows % FINISHED_ROWS == 0 ? FINISHED_ROWS : tiles.tileRows(rows);
  }

  /** Sets what finishes some tiles below each other. */
  private void finish(int slot, int count, int rows, int columns, Parameters parameters) {
    long code = rows == 0 ? 0 : tiles.finishing(rows, columns, parameters).address();
    parameters.set(slot, code);
    parameters.set(slot + 1, count);
    parameters.set(slot + 2, rows * parameters.get(TileSlots.C_STRIDE));
  }

  private NativeKernel kernel(AmxGenerator.Shape shape) {
    int index = (shape.rowTiles() * 2 + shape.columnTiles() - 3) * (MOST_ROWS_AHEAD + 1);
    index = 2 * (index + shape.rowsAhead()) + (shape.fetches() ? 1 : 0);
    NativeKernel kernel = kernels.get(index);
    if (kernel == null) {
      kernel = new NativeKernel(AmxGenerator.generate(shape));
      kernels.set(index, kernel);
    }
    return kernel;
  }

  /**
   * Palette 1 (Intel 64 and IA-32 Architectures Software Developer's Manual, volume 1, 18.2): bytes
   * of a row from byte 16 on, 16 bits each, rows from byte 48 on.
   */
  private static MemorySegment configurations() {
    MemorySegment all =
        Arena.global().allocate((long) TILE_ROWS * CONFIGURATION_BYTES, CONFIGURATION_BYTES);
    for (int rows = 1; rows <= TILE_ROWS; rows++) {
      MemorySegment block = all.asSlice((rows - 1L) * CONFIGURATION_BYTES, CONFIGURATION_BYTES);
      block.set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
      for (int tile = 0; tile < 8; tile++) {
        boolean isOfB = tile >= 6;
        block.set(ValueLayout.JAVA_SHORT, 16 + 2L * tile, (short) AmxGenerator.TILE_DEPTH);
        block.set(ValueLayout.JAVA_BYTE, 48L + tile, (byte) (isOfB ? TILE_ROWS : rows));
      }
    }
    return all;
  }
}
