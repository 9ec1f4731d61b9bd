package io.lockstep.runtime.kernel.jit;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** Brings right-hand sides of products into panels [k, panel columns], filled up with zeros. */
final class PanelPacker {

  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  private final Isa isa;
  private final NativeKernel copying;
  private final WordTransposer transposer;
  private final ConstantPool pool;

  PanelPacker(Isa isa) {
    this.isa = isa;
    this.copying = PackGenerator.copying(isa);
    this.transposer = new WordTransposer(isa);
    this.pool = new ConstantPool(isa, List.of());
  }

  /** Columns of a panel. */
  private int width() {
    return TileShape.PANEL_VECTORS * isa.lanes();
  }

  /** Bytes of scratch memory that packing a panel of k rows takes. */
  long scratchBytes(int k) {
    return (long) isa.lanes() * k * Float.BYTES;
  }

  /**
   * Packs one panel.
   *
   * @param b float [k, columns] from element {@code from} on, or [columns, k] when {@code
   *     transposed}; rows {@code stride} elements apart
   * @param columns at most those of a panel
   * @param to where the panel starts, a byte of {@code panel}
   * @param scratch of {@link #scratchBytes}
   */
  void pack(
      MemorySegment b,
      long from,
      int stride,
      boolean transposed,
      int k,
      int columns,
      MemorySegment panel,
      long to,
      MemorySegment scratch) {
    long bytes = (long) k * width() * Float.BYTES;
    if (transposed && k < PackGenerator.TRANSPOSED) {
      fewRows(b, from, stride, k, columns, panel.asSlice(to, bytes));
      return;
    }
    if (k == 0) {
      return;
    }
    long target = Addresses.of(panel, to, bytes);
    if (!transposed) {
      copy(Addresses.ofRows(b, from, k, stride, columns, Float.BYTES), stride, k, columns, target);
      return;
    }
    for (int vector = 0; vector < TileShape.PANEL_VECTORS; vector++) {
      int first = vector * isa.lanes();
      int count = Math.clamp(columns - (long) first, 0, isa.lanes());
      long start = from + (long) first * stride;
      long at = target + (long) first * Float.BYTES;
      if (count == 0) {
        return; // kernels for so few columns read the first vector only
      } else if (count == isa.lanes()) {
        transpose(Addresses.ofRows(b, start, count, stride, k, Float.BYTES), stride, k, at);
      } else {
        long rowBytes = (long) k * Float.BYTES;
        scratch.asSlice(0, scratchBytes(k)).fill((byte) 0);
        for (int row = 0; row < count; row++) {
          long source = (start + (long) row * stride) * Float.BYTES;
          MemorySegment.copy(b, source, scratch, row * rowBytes, rowBytes);
        }
        transpose(Addresses.of(scratch, 0, scratchBytes(k)), k, k, at);
      }
    }
  }

  private void copy(long from, int stride, int k, int columns, long to) {
    Parameters parameters = Parameters.ofThread();
    parameters.set(PackGenerator.FROM_SLOT, from);
    parameters.set(PackGenerator.STRIDE_SLOT, (long) stride * Float.BYTES);
    parameters.set(PackGenerator.TO_SLOT, to);
    parameters.set(PackGenerator.COUNT_SLOT, k);
    for (int vector = 0; vector < TileShape.PANEL_VECTORS; vector++) {
      int lanes = Math.clamp(columns - (long) vector * isa.lanes(), 0, isa.lanes());
      parameters.set(PackGenerator.MASKS_SLOT + vector, pool.mask(lanes));
    }
    copying.call(parameters);
  }

  private void transpose(long from, int stride, int k, long to) {
    long panelRow = (long) width() * Float.BYTES;
    transposer.transpose(from, (long) stride * Float.BYTES, k, to, panelRow);
  }

  private void fewRows(
      MemorySegment b, long from, int stride, int k, int columns, MemorySegment panel) {
    panel.fill((byte) 0);
    for (int row = 0; row < k; row++) {
      for (int column = 0; column < columns; column++) {
        float element = b.get(FLOAT, (from + (long) column * stride + row) * Float.BYTES);
        panel.set(FLOAT, ((long) row * width() + column) * Float.BYTES, element);
      }
    }
  }
}
