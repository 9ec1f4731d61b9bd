package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.BlockMatrix;
import io.lockstep.runtime.kernel.ComputePool;
import io.lockstep.runtime.quant.BlockDecoder;
import io.lockstep.runtime.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Packs matrices into {@link BlockPanels}. */
final class BlockPacker {

  /** Adds 128 to signed bytes. */
  private static final int SIGN_BITS = 0x80808080;

  /** Where in a block of Q6_K the high bits, the scales of groups and the scale of all start. */
  private static final int Q6_HIGH = 128;

  private static final int Q6_GROUPS = 192;
  private static final int Q6_SCALE = 208;

  private final RowGather halves;
  private final RowGather upperHalves;
  private final RowGather fourWords;
  private final RowGather eightWords;

  BlockPacker(Isa isa) {
    boolean emits = isa == Isa.AVX512;
    halves = emits ? GatherKernel.ofHalves() : PlainGather.ofHalves();
    upperHalves = emits ? GatherKernel.ofUpperHalves() : PlainGather.ofUpperHalves();
    fourWords = emits ? GatherKernel.ofWords(4) : PlainGather.ofWords(4);
    eightWords = emits ? GatherKernel.ofWords(8) : PlainGather.ofWords(8);
  }

  /** The matrix in panels, in memory of {@code owner}. */
  BlockMatrix pack(BlockPanels format, BlockMatrix w, TensorArena owner, ComputePool pool) {
    Addresses.of(w.data(), 0, w.n() * w.rowBytes());
    int panels = BlockPanels.panels(w.n());
    MemorySegment data = owner.allocateBytes(panels * panelBytes(format, w));
    pool.parallelFor(
        panels,
        4,
        (from, to) -> {
          for (int panel = from; panel < to; panel++) {
            pack(format, w, panel, data);
          }
        });
    return new BlockMatrix(w.format(), w.n(), w.k(), data, true);
  }

  /** Bytes of a panel of a matrix. */
  static long panelBytes(BlockPanels format, BlockMatrix w) {
    return (long) w.k() / w.format().blockElements() * format.unitBytes();
  }

  private void pack(BlockPanels format, BlockMatrix w, int panel, MemorySegment data) {
    Panel source =
        new Panel(
            w.data().address() + (long) panel * BlockPanels.WIDTH * w.rowBytes(),
            Math.toIntExact(w.rowBytes()),
            Math.min(BlockPanels.WIDTH, w.n() - panel * BlockPanels.WIDTH),
            w.k() / w.format().blockElements(),
            w.format().blockBytes(),
            data.address() + panel * panelBytes(format, w),
            format.unitBytes());
    switch (format) {
      case Q8_0 -> {
        source.move(halves, 0, 0, 0);
        source.move(eightWords, Short.BYTES, BlockPanels.HALVES_BYTES, SIGN_BITS);
      }
      case Q4_0 -> {
        source.move(halves, 0, 0, 0);
        source.move(fourWords, Short.BYTES, BlockPanels.HALVES_BYTES, 0);
      }
      case Q6_K -> {
        // The scale ends the block: a word from there on would end behind the matrix.
        source.move(upperHalves, Q6_SCALE - Short.BYTES, 0, 0);
        for (int part = 0; part < 2; part++) {
          int to =
              BlockPanels.HALVES_BYTES + part * BlockPanels.PART_BYTES + BlockPanels.PART_SCALES;
          source.move(eightWords, 64 * part, to, 0);
          source.move(eightWords, 64 * part + 32, to + 8 * BlockPanels.WORDS_BYTES, 0);
          source.move(eightWords, Q6_HIGH + 32 * part, to + BlockPanels.PART_LOW, 0);
        }
        scales(w, panel, source.rows, data.asSlice(panel * panelBytes(format, w)));
      }
      case Q4_K -> {
        source.move(halves, 0, 0, 0);
        source.move(halves, Short.BYTES, BlockPanels.HALVES_BYTES, 0);
        for (int pair = 0; pair < 4; pair++) {
          int to = 2 * BlockPanels.HALVES_BYTES + pair * BlockPanels.PAIR_BYTES;
          source.move(eightWords, 16 + 32 * pair, to + 4 * BlockPanels.WIDTH, 0);
        }
        factors(w, panel, source.rows, data.asSlice(panel * panelBytes(format, w)));
      }
      case N4, N4_ZEROS, N8, N8_ZEROS -> throw new IllegalArgumentException(format + " blocks");
    }
  }

  /**
   * Sixteen rows of a matrix, or as many as are left; addresses and bytes.
   *
   * @param from where the rows are
   * @param to where the panel is
   */
  private record Panel(
      long from, int rowBytes, int rows, int units, int blockBytes, long to, int unitBytes) {

    void move(RowGather kernel, int fromOffset, int toOffset, int flip) {
      kernel.run(
          from + fromOffset, rowBytes, rows, units, blockBytes, to + toOffset, unitBytes, flip);
    }
  }

  /** The scales of the sixteen groups of Q6_K. */
  private static void scales(BlockMatrix w, int panel, int rows, MemorySegment target) {
    for (int lane = 0; lane < rows; lane++) {
      long row = ((long) panel * BlockPanels.WIDTH + lane) * w.rowBytes();
      for (int unit = 0; unit < w.k() / w.format().blockElements(); unit++) {
        long from = row + (long) unit * w.format().blockBytes() + Q6_GROUPS;
        long to = (long) unit * BlockPanels.Q6_K.unitBytes() + BlockPanels.HALVES_BYTES + lane;
        for (int group = 0; group < 16; group++) {
          long at =
              to
                  + (long) (group / 8) * BlockPanels.PART_BYTES
                  + (long) (group % 8) * BlockPanels.WIDTH;
          byte scale = w.data().get(ValueLayout.JAVA_BYTE, from + group);
          target.set(ValueLayout.JAVA_BYTE, at, scale);
        }
      }
    }
  }

  /** The six-bit factors of the groups of Q4_K. */
  private static void factors(BlockMatrix w, int panel, int rows, MemorySegment target) {
    for (int lane = 0; lane < rows; lane++) {
      long row = ((long) panel * BlockPanels.WIDTH + lane) * w.rowBytes();
      for (int unit = 0; unit < w.k() / w.format().blockElements(); unit++) {
        long from = row + (long) unit * w.format().blockBytes() + 2 * Short.BYTES;
        long to = (long) unit * BlockPanels.Q4_K.unitBytes() + 2 * BlockPanels.HALVES_BYTES + lane;
        for (int group = 0; group < 8; group++) {
          long at = to + (long) (group / 2) * BlockPanels.PAIR_BYTES;
          long ofScale = at + (long) (group % 2) * BlockPanels.WIDTH;
          int scale = BlockDecoder.groupScale(w.data(), from, group);
          int shift = BlockDecoder.groupShift(w.data(), from, group);
          target.set(ValueLayout.JAVA_BYTE, ofScale, (byte) scale);
          target.set(ValueLayout.JAVA_BYTE, ofScale + 2L * BlockPanels.WIDTH, (byte) shift);
        }
      }
    }
  }
}
