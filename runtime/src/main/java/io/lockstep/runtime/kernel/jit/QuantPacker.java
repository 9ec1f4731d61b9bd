package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.QuantColumns;
import io.lockstep.runtime.kernel.jit.TileShape.Product;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Brings matrices of bytes into panels of columns, each [lanes of the reduction, panel columns,
 * elements of a lane] and filled up with zeros. Emitted, because a model's weights are packed
 * before the JVM has compiled anything.
 */
final class QuantPacker {

  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;

  private static final int SIGN = 0x80;
  private static final int EACH_BYTE = 0x01010101;

  /** Steps of one call, which then takes well under 100 microseconds. */
  private static final int CALL = 4096;

  private final TileKernels tiles;
  private final NativeKernel moving;
  private final NativeKernel summing;
  private final WordTransposer transposer;

  /** A packer for tiles of {@link Product#BYTES} or {@link Product#WORDS}. */
  QuantPacker(TileKernels tiles) {
    boolean isOfBytes = tiles.product() == Product.BYTES;
    this.tiles = tiles;
    this.moving =
        isOfBytes
            ? QuantPackGenerator.interleaving(tiles.isa())
            : QuantPackGenerator.pairing(tiles.isa());
    this.summing = isOfBytes ? QuantPackGenerator.summing(tiles.isa()) : moving;
    this.transposer = new WordTransposer(tiles.isa());
  }

  /**
   * Packs a matrix and sums its columns.
   *
   * @param data starts with the panels, which are zeroed
   */
  void pack(QuantColumns columns, MemorySegment data) {
    int width = tiles.panelColumns();
    long wordsBytes = (long) width * Integer.BYTES;
    try (Arena scratch = Arena.ofConfined()) {
      MemorySegment sums = scratch.allocate(wordsBytes, Integer.BYTES);
      MemorySegment less = scratch.allocate(wordsBytes, Integer.BYTES);
      for (int first = 0; first < columns.n(); first += width) {
        int count = Math.min(width, columns.n() - first);
        long panel = first / width * tiles.panelBytes(columns.k());
        int steps = count == width ? wholeSteps(columns) : 0;
        if (steps > 0) {
          pack(columns, first, steps, Addresses.of(data, panel, steps * wordsBytes), sums, less);
        }
        packPlainly(columns, first, count, steps * tiles.product().depth(), data, panel);
      }
    }
  }

  /** Steps that kernels pack; the rows behind them, few or of small matrices, are left. */
  private int wholeSteps(QuantColumns columns) {
    int steps = columns.k() / tiles.product().depth();
    if (!columns.isTransposed()) {
      return steps;
    }
    boolean isOfWords = columns.k() % Integer.BYTES == 0 && steps >= PackGenerator.TRANSPOSED;
    return tiles.product() == Product.BYTES && isOfWords ? steps : 0;
  }

  /** Whole steps of a whole panel, which starts at an address. */
  private void pack(
      QuantColumns columns,
      int first,
      int steps,
      long panel,
      MemorySegment sums,
      MemorySegment less) {
    MemorySegment b = columns.elements();
    int k = columns.k();
    int width = tiles.panelColumns();
    long from = Addresses.of(b, 0, (long) k * columns.n());
    Parameters parameters = Parameters.ofThread();
    sums.fill((byte) 0);
    parameters.set(QuantPackGenerator.SUMS_SLOT, sums.address());
    boolean isOfBytes = tiles.product() == Product.BYTES;
    if (columns.isTransposed()) {
      long stepBytes = (long) width * Integer.BYTES;
      for (int column = 0; column < width; column += transposer.lanes()) {
        long rows = from + (long) (first + column) * k;
        transposer.transpose(rows, k, steps, panel + (long) column * Integer.BYTES, stepBytes);
      }
    } else {
      parameters.set(QuantPackGenerator.STRIDE_SLOT, columns.n());
      parameters.set(QuantPackGenerator.LESS_SLOT, less.address());
      parameters.set(QuantPackGenerator.FLIP_SLOT, columns.flip() ^ SIGN);
      if (!isOfBytes) {
        addZeroPoints(columns, first, SIGN, 1, less.fill((byte) 0));
      }
      long rowsBytes = (long) columns.n() * tiles.product().depth();
      run(moving, parameters, steps, from + first, rowsBytes, panel);
    }
    if (isOfBytes) {
      parameters.set(QuantPackGenerator.SUMS_SLOT, sums.address());
      parameters.set(QuantPackGenerator.FLIP_SLOT, (long) columns.flip() * EACH_BYTE);
      parameters.set(QuantPackGenerator.ONES_SLOT, EACH_BYTE);
      run(summing, parameters, steps, panel, (long) width * Integer.BYTES, 0);
    } else {
      addZeroPoints(columns, first, 0, steps * tiles.product().depth(), sums);
    }
    long at = (long) first * Integer.BYTES;
    MemorySegment.copy(sums, 0, columns.columnSums(), at, sums.byteSize());
  }

  private void run(
      NativeKernel kernel, Parameters parameters, int steps, long from, long stepBytes, long to) {
    for (int step = 0; step < steps; step += CALL) {
      parameters.set(QuantPackGenerator.FROM_SLOT, from + step * stepBytes);
      long done = (long) step * tiles.panelColumns() * Integer.BYTES;
      parameters.set(QuantPackGenerator.TO_SLOT, to + done);
      parameters.set(QuantPackGenerator.COUNT_SLOT, Math.min(CALL, steps - step));
      kernel.call(parameters);
    }
  }

  /** Adds a constant and so many times the zero points to the words of a whole panel. */
  private void addZeroPoints(
      QuantColumns columns, int first, int constant, int times, MemorySegment words) {
    for (int column = 0; column < tiles.panelColumns(); column++) {
      int zero = columns.zeroPoints().get(INT, (long) (first + column) * Integer.BYTES);
      long at = (long) column * Integer.BYTES;
      words.set(INT, at, words.get(INT, at) + constant + times * zero);
    }
  }

  /** Rows from {@code row} on, element by element. */
  private void packPlainly(
      QuantColumns columns, int first, int count, int row, MemorySegment data, long panel) {
    int depth = tiles.product().depth();
    boolean isOfBytes = tiles.product() == Product.BYTES;
    for (int column = 0; column < count; column++) {
      long word = (long) (first + column) * Integer.BYTES;
      int zero = columns.zeroPoints().get(INT, word);
      int sum = columns.columnSums().get(INT, word);
      for (int i = row; i < columns.k(); i++) {
        int element = columns.element(i, first + column);
        long step = (long) (i / depth) * tiles.panelColumns();
        long lane = panel + (step + column) * Integer.BYTES;
        if (isOfBytes) {
          data.set(ValueLayout.JAVA_BYTE, lane + i % depth, (byte) element);
        } else {
          long at = lane + (long) (i % depth) * Short.BYTES;
          data.set(ValueLayout.JAVA_SHORT_UNALIGNED, at, (short) (element - zero));
        }
        sum += element;
      }
      columns.columnSums().set(INT, word, sum);
    }
  }
}
