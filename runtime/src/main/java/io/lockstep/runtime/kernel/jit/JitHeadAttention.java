package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.HeadAttention;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** Attention of a head as one emitted kernel for tiles of queries, on packed keys and values. */
final class JitHeadAttention implements HeadAttention {

  private static final Isa ISA = Isa.AVX512;
  private static final int LANES = ISA.lanes();
  private static final int PANEL = TileShape.PANEL_VECTORS * LANES;
  private static final int LINE_BYTES = 64;

  /** Multiply-adds of one call, which then takes well under 100 microseconds. */
  private static final long CALL = 2_000_000;

  private final PanelPacker packer = new PanelPacker(ISA);
  private final ConstantPool pool = new ConstantPool(ISA, new HeadGenerator(1).constants());
  private final AtomicReferenceArray<@Nullable NativeKernel> kernels =
      new AtomicReferenceArray<>(HeadGenerator.MOST_ROWS + 1);

  /** Where things lie in the workspace, in bytes. */
  private record Layout(Extent extent) {

    int vectors() {
      return Math.ceilDiv(extent.keys(), LANES);
    }

    long keyPanelBytes() {
      return (long) extent.size() * PANEL * Float.BYTES;
    }

    long valuePanelBytes() {
      return (long) extent.keys() * PANEL * Float.BYTES;
    }

    /** Of a row of scores; a line more than it needs, so that rows lie in different sets. */
    long scoreBytes() {
      return (long) vectors() * LANES * Float.BYTES + LINE_BYTES;
    }

    long valuesAt() {
      return Math.ceilDiv(extent.keys(), PANEL) * keyPanelBytes();
    }

    long scoresAt() {
      return valuesAt() + Math.ceilDiv(extent.valueSize(), PANEL) * valuePanelBytes();
    }

    long biasAt() {
      return scoresAt() + HeadGenerator.MOST_ROWS * scoreBytes();
    }

    long factorsAt() {
      return biasAt() + scoreBytes();
    }

    long scratchAt() {
      return factorsAt() + LINE_BYTES;
    }
  }

  @Override
  public long workspaceBytes(Extent extent) {
    int most = Math.max(extent.size(), extent.keys());
    return new Layout(extent).scratchAt() + packer.scratchBytes(most);
  }

  @Override
  public void run(
      Extent extent,
      float scale,
      Rows q,
      Rows k,
      Rows v,
      @Nullable MemorySegment bias,
      Rows y,
      MemorySegment workspace) {
    int queries = extent.queries();
    if (queries == 0 || extent.valueSize() == 0) {
      return;
    }
    Layout layout = new Layout(extent);
    Addresses.of(workspace, 0, workspaceBytes(extent));
    pack(layout, k, v, workspace);
    setBias(layout, bias, workspace);
    long work = workspace.address();
    int rest = extent.valueSize() % PANEL;
    Parameters parameters = Parameters.ofThread();
    parameters.set(
        HeadGenerator.Q,
        Addresses.ofRows(q.memory(), q.offset(), queries, q.stride(), extent.size(), Float.BYTES));
    parameters.set(HeadGenerator.Q_STRIDE, (long) q.stride() * Float.BYTES);
    parameters.set(HeadGenerator.K, work);
    parameters.set(HeadGenerator.SIZE, extent.size());
    parameters.set(HeadGenerator.K_PANELS, layout.vectors() / TileShape.PANEL_VECTORS);
    parameters.set(HeadGenerator.K_HALF, layout.vectors() % TileShape.PANEL_VECTORS);
    parameters.set(HeadGenerator.BIAS, work + layout.biasAt());
    parameters.set(HeadGenerator.SCALE, scale, 1);
    parameters.set(HeadGenerator.SCORES, work + layout.scoresAt());
    parameters.set(HeadGenerator.SCORES_STRIDE, layout.scoreBytes());
    parameters.set(HeadGenerator.VECTORS, layout.vectors());
    parameters.set(HeadGenerator.V, work + layout.valuesAt());
    parameters.set(HeadGenerator.KEYS, extent.keys());
    parameters.set(HeadGenerator.V_PANELS, extent.valueSize() / PANEL);
    parameters.set(HeadGenerator.V_MASKS, pool.mask(Math.min(rest, LANES)));
    parameters.set(HeadGenerator.V_MASKS + 1, pool.mask(Math.max(0, rest - LANES)));
    parameters.set(
        HeadGenerator.Y,
        Addresses.ofRows(
            y.memory(), y.offset(), queries, y.stride(), extent.valueSize(), Float.BYTES));
    parameters.set(HeadGenerator.Y_STRIDE, (long) y.stride() * Float.BYTES);
    parameters.set(HeadGenerator.CONSTANTS_SLOT, pool.address());
    parameters.set(HeadGenerator.FACTORS, work + layout.factorsAt());
    fetch(parameters, extent, q, k, v, y);
    tiles(extent, parameters);
  }

  /** Lets the next head be fetched as if it stood beside this one; nothing reads the addresses. */
  private static void fetch(Parameters parameters, Extent extent, Rows q, Rows k, Rows v, Rows y) {
    int i = 0;
    for (Rows rows : new Rows[] {q, k, v, y}) {
      long next = rows.offset() + (i < 2 ? extent.size() : extent.valueSize());
      parameters.set(HeadGenerator.NEXT + i, rows.memory().address() + next * Float.BYTES);
      parameters.set(HeadGenerator.NEXT_STRIDES + i, (long) rows.stride() * Float.BYTES);
      i++;
    }
    int lines = Math.ceilDiv(extent.size() * Float.BYTES, LINE_BYTES);
    parameters.set(HeadGenerator.NEXT_BYTES, (long) lines * LINE_BYTES);
  }

  private void pack(Layout layout, Rows k, Rows v, MemorySegment workspace) {
    Extent extent = layout.extent;
    MemorySegment scratch = workspace.asSlice(layout.scratchAt());
    for (int key = 0; key < extent.keys(); key += PANEL) {
      packer.pack(
          k.memory(),
          k.offset() + (long) key * k.stride(),
          k.stride(),
          true,
          extent.size(),
          Math.min(PANEL, extent.keys() - key),
          workspace,
          key / PANEL * layout.keyPanelBytes(),
          scratch);
    }
    for (int column = 0; column < extent.valueSize(); column += PANEL) {
      packer.pack(
          v.memory(),
          v.offset() + column,
          v.stride(),
          false,
          extent.keys(),
          Math.min(PANEL, extent.valueSize() - column),
          workspace,
          layout.valuesAt() + column / PANEL * layout.valuePanelBytes(),
          scratch);
    }
  }

  private static void setBias(
      Layout layout, @Nullable MemorySegment bias, MemorySegment workspace) {
    int keys = layout.extent.keys();
    long bytes = (long) keys * Float.BYTES;
    if (bias == null) {
      workspace.asSlice(layout.biasAt(), bytes).fill((byte) 0);
    } else {
      MemorySegment.copy(bias, 0, workspace, layout.biasAt(), bytes);
    }
    for (int key = keys; key < layout.vectors() * LANES; key++) {
      long at = layout.biasAt() + (long) key * Float.BYTES;
      workspace.set(ValueLayout.JAVA_FLOAT_UNALIGNED, at, Float.NEGATIVE_INFINITY);
    }
  }

  /** All queries in tiles as equal as can be. */
  private void tiles(Extent extent, Parameters parameters) {
    int queries = extent.queries();
    int rows = Math.ceilDiv(queries, Math.ceilDiv(queries, HeadGenerator.MOST_ROWS));
    long work = (long) rows * extent.keys() * (extent.size() + extent.valueSize());
    int most = Math.clamp(CALL / Math.max(1, work), 1, queries);
    int whole = queries / rows;
    for (int tile = 0; tile < whole; tile += most) {
      tiles(rows, Math.min(most, whole - tile), parameters);
    }
    if (queries % rows != 0) {
      tiles(queries % rows, 1, parameters);
    }
  }

  private void tiles(int rows, int count, Parameters parameters) {
    parameters.set(HeadGenerator.TILES, count);
    parameters.set(HeadGenerator.Q_TILE, rows * parameters.get(HeadGenerator.Q_STRIDE));
    parameters.set(HeadGenerator.Y_TILE, rows * parameters.get(HeadGenerator.Y_STRIDE));
    kernel(rows).call(parameters);
  }

  private NativeKernel kernel(int rows) {
    NativeKernel kernel = kernels.get(rows);
    if (kernel == null) {
      kernel = new HeadGenerator(rows).generate();
      kernels.set(rows, kernel);
    }
    return kernel;
  }
}
