package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.ComputePool;
import io.lockstep.runtime.kernel.NBitsFormat;
import io.lockstep.runtime.kernel.NBitsMatrix;
import io.lockstep.runtime.tensor.TensorArena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Packs matrices into {@link NBitsPanels}. */
final class NBitsPacker {

  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private NBitsPacker() {}

  /** The matrix in panels, in memory of {@code owner}; its format says what products may do. */
  static NBitsMatrix pack(NBitsMatrix w, TensorArena owner, ComputePool pool) {
    NBitsFormat format = w.format();
    NBitsFormat packed =
        new NBitsFormat(format.bits(), format.blockSize(), format.hasZeros(), mayRound(w));
    NBitsPanels panels = new NBitsPanels(packed, w.k());
    MemorySegment data = owner.allocateBytes(panels.bytes(w.n()));
    pool.parallelFor(
        w.n(),
        BlockPanels.WIDTH,
        (from, to) -> {
          for (int row = from; row < to; row++) {
            row(w, panels, row, data);
          }
        });
    return new NBitsMatrix(
        packed, w.n(), w.k(), data, MemorySegment.NULL, MemorySegment.NULL, true);
  }

  private static void row(NBitsMatrix w, NBitsPanels panels, int row, MemorySegment data) {
    int words = panels.blockWords();
    for (int block = 0; block < w.blocks(); block++) {
      long to =
          row / BlockPanels.WIDTH * panels.panelBytes()
              + (long) block * panels.blockBytes()
              + (long) row % BlockPanels.WIDTH * Integer.BYTES;
      data.set(ValueLayout.JAVA_FLOAT, to, w.scale(row, block));
      if (w.format().hasZeros()) {
        data.set(ValueLayout.JAVA_FLOAT, to + BlockPanels.WORDS_BYTES, w.zero(row, block));
      }
      to += panels.headBytes();
      long from = w.blockAt(row, block);
      for (int word = 0; word < words; word++) {
        int bits = w.codes().get(INT, from + (long) word * Integer.BYTES);
        data.set(INT, to + (long) word * BlockPanels.WORDS_BYTES, panels.ordered(bits));
      }
    }
  }

  /** Whether products may round activations: integers have to stay integers then. */
  private static boolean mayRound(NBitsMatrix w) {
    NBitsFormat format = w.format();
    return format.mayRound()
        && format.bits() >= 4
        && format.blockSize() % BlockPanels.BLOCK == 0
        && w.k() % format.blockSize() == 0
        && hasWholeZeros(w);
  }

  private static boolean hasWholeZeros(NBitsMatrix w) {
    int most = (1 << w.format().bits()) - 1;
    for (long at = 0; at < w.zeros().byteSize(); at += Float.BYTES) {
      float zero = w.zeros().get(ValueLayout.JAVA_FLOAT_UNALIGNED, at);
      if (!(zero >= 0 && zero <= most && zero == (int) zero)) {
        return false;
      }
    }
    return true;
  }
}
