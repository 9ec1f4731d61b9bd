package io.lockstep.runtime.kernel.vector;

import io.lockstep.runtime.kernel.ComputePool;
import io.lockstep.runtime.kernel.ConvGeometry;
import io.lockstep.runtime.tensor.TensorArena;
import java.lang.foreign.MemorySegment;

/**
 * How one convolution is cut into independent units, and what memory they need: a channel when it
 * is depthwise, else one panel of positions for a group's filters, or for some of them where there
 * are too few panels for the threads.
 *
 * @param layout how the padded image is laid out
 * @param chunks how many runs of units have scratch memory of their own
 * @param slices into how many parts a group's filters are cut
 */
record ConvSplit(ConvGeometry geometry, PaddedImage layout, int chunks, int slices) {

  /** Filters whose tile of results stays in the first-level cache. */
  static final int FILTERS = 16 * GemmTiles.ROWS;

  /** Products of differences of bytes whose sum a float holds exactly: 256 * 255^2 < 2^24. */
  static final int EXACT_BLOCK = 256;

  /** Threads that one image is split over at most; each needs scratch memory of its own. */
  private static final int MAX_CHUNKS = 32;

  /** Multiply-adds below which handing work to another thread costs more than it saves. */
  private static final long SPLIT_WORK = 1 << 18;

  private static final long PANEL_BYTES = (long) GemmTiles.PANEL * Float.BYTES;

  static ConvSplit of(ConvGeometry g, int threads) {
    PaddedImage layout = new PaddedImage(g);
    long work = (long) kernelSize(g) * g.filters() * g.outputSize();
    int chunks = Math.clamp(work / SPLIT_WORK, 1, Math.min(MAX_CHUNKS, threads));
    int panels = Math.ceilDiv(layout.flatLength(), GemmTiles.PANEL) * g.groups();
    int slices = panels < 2 * chunks ? Math.ceilDiv(g.filters() / g.groups(), FILTERS) : 1;
    return new ConvSplit(g, layout, chunks, slices);
  }

  private static int kernelSize(ConvGeometry g) {
    return g.channels() / g.groups() * g.kernelHeight() * g.kernelWidth();
  }

  /** Weights of one filter. */
  int kernelSize() {
    return kernelSize(geometry);
  }

  private int panels() {
    return Math.ceilDiv(layout.flatLength(), GemmTiles.PANEL);
  }

  /**
   * Whether every channel has its own filter, of so few taps that 8-bit products sum up exactly in
   * a float.
   */
  boolean isDepthwise() {
    return geometry.isDepthwise() && kernelSize() <= EXACT_BLOCK;
  }

  private int units() {
    return isDepthwise() ? geometry.channels() : panels() * geometry.groups() * slices;
  }

  int panel(int unit) {
    return unit / slices % panels();
  }

  int group(int unit) {
    return unit / slices / panels();
  }

  int firstFilter(int unit) {
    int perGroup = geometry.filters() / geometry.groups();
    return group(unit) * perGroup + Math.min(perGroup, unit % slices * sliceFilters());
  }

  int lastFilter(int unit) {
    int perGroup = geometry.filters() / geometry.groups();
    return group(unit) * perGroup + Math.min(perGroup, (unit % slices + 1) * sliceFilters());
  }

  private int sliceFilters() {
    return slices == 1 ? geometry.filters() / geometry.groups() : FILTERS;
  }

  private static long aligned(long bytes) {
    return (bytes + TensorArena.ALIGNMENT - 1) & -TensorArena.ALIGNMENT;
  }

  /** Bytes of the padded image, which depthwise convolutions lay out channel by channel. */
  long imageBytes() {
    return isDepthwise() || geometry.isPointwise() ? 0 : aligned(layout.bytes(geometry.channels()));
  }

  /** Scratch bytes of one chunk. */
  long scratchBytes() {
    return isDepthwise()
        ? aligned(layout.bytes(1) + DepthwiseTaps.sumFloats(layout) * Float.BYTES)
        : (kernelSize() + FILTERS) * PANEL_BYTES;
  }

  long workspaceBytes() {
    return imageBytes() + chunks * scratchBytes();
  }

  /** Lays out the whole image, from float [channels, height, width] at an index of x. */
  void fillImage(
      MemorySegment x, long xOffset, MemorySegment image, long imageByte, ComputePool pool) {
    int grain = Math.clamp(65536 / Math.max(1, layout.channelFloats()), 1, 1 << 16);
    pool.parallelFor(
        geometry.channels(),
        grain,
        (from, to) -> {
          for (int channel = from; channel < to; channel++) {
            long at = imageByte + channel * layout.channelFloats() * Float.BYTES;
            layout.fillChannel(x, xOffset + (long) channel * geometry.inputSize(), image, at);
          }
        });
  }

  /**
   * Runs a body for every unit.
   *
   * @param start where the first chunk's scratch memory starts, in bytes
   * @param chunkBytes scratch memory of one chunk
   */
  void forEachUnit(ComputePool pool, long start, long chunkBytes, UnitBody body) {
    int units = units();
    pool.parallelFor(
        chunks,
        1,
        (from, to) -> {
          for (int chunk = from; chunk < to; chunk++) {
            int last = (int) ((long) units * (chunk + 1) / chunks);
            for (int unit = (int) ((long) units * chunk / chunks); unit < last; unit++) {
              body.run(unit, start + chunk * chunkBytes);
            }
          }
        });
  }

  /** What is done for one unit, given its scratch memory's offset in bytes. */
  @FunctionalInterface
  interface UnitBody {
    void run(int unit, long scratch);
  }
}
