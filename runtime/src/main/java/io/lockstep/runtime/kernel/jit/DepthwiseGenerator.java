package io.lockstep.runtime.kernel.jit;

import static io.lockstep.runtime.kernel.jit.Mem.mem;
import static io.lockstep.runtime.kernel.jit.Vec.v;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;

/**
 * Writes depthwise convolutions of floats and of bytes, images with channels last: tiles of some
 * rows and columns of results, a vector of channels at a time. A pixel is loaded once for all
 * results of the tile that it is a tap of, and weights stay in registers as long as lines of the
 * image use them.
 *
 * <p>The image is walked line by line and from left to right, so that each sum runs over kernel
 * row, then kernel column. The last vector of channels ends with the last channel, so it may
 * overlap the one before, whose results it repeats; there must be at least a vector of channels,
 * and the result must not overlap what is read.
 */
final class DepthwiseGenerator extends WindowCode {

  private static final Gp WEIGHTS = Gp.RSI;
  private static final Gp LINE_STEP = Gp.RDX;
  private static final Gp RESULT_STEP = Gp.R10;

  private final DepthwiseTile tile;

  /** The first register of the weights of each kernel row in use. */
  private final Map<Integer, Integer> taps = new HashMap<>();

  /** Where registers for a kernel row's weights are free. */
  private final ArrayDeque<Integer> free = new ArrayDeque<>();

  private final int firstPixel;
  private final int lastPixel;
  private int pixels;

  private DepthwiseGenerator(Isa isa, WindowFold fold, DepthwiseTile tile) {
    super(isa, fold, tile.rows() * tile.columns());
    this.tile = tile;
    int first = tile.rows() * tile.columns();
    int others = DepthwisePlan.otherRegisters(fold);
    while (first + tile.kernelWidth() + others <= isa.registers()
        && free.size() < tile.kernelHeight()) {
      free.add(first);
      first += tile.kernelWidth();
    }
    this.firstPixel = first;
    this.lastPixel = isa.registers() - (fold.isOfBytes() ? 1 : 0);
  }

  /**
   * The kernel for tiles side by side that are alike.
   *
   * @param fold products of floats, or requantised ones
   */
  static NativeKernel generate(Isa isa, WindowFold fold, DepthwiseTile tile) {
    return new NativeKernel(new DepthwiseGenerator(isa, fold, tile).generate());
  }

  private byte[] generate() {
    asm.mov(WEIGHTS, slot(WindowSlots.WEIGHTS));
    asm.mov(LINE_STEP, slot(WindowSlots.LINE_STEP));
    asm.mov(RESULT_STEP, slot(WindowSlots.Y_LINE));
    if (fold.isOfBytes()) {
      asm.broadcast(zeroPoint(), slot(WindowSlots.NUMBER));
    }
    tiles();
    asm.vzeroupper();
    asm.ret();
    return asm.toByteArray();
  }

  @Override
  void vector() {
    for (int i = 0; i < tile.rows() * tile.columns(); i++) {
      asm.zero(v(i));
    }
    sums();
    if (fold.isOfBytes()) {
      requantize();
    } else {
      addBias(v(firstPixel));
      addResidual();
      clamp(v(firstPixel), v(firstPixel + 1));
    }
    store();
  }

  private void sums() {
    asm.mov(LINE, slot(WindowSlots.X));
    for (int line = tile.firstLine(); line < tile.lastLine(); line++) {
      loadTaps(line);
      for (int column = tile.firstColumn(); column < tile.lastColumn(); column++) {
        pixel(line, column);
      }
      if (line + 1 < tile.lastLine()) {
        asm.add(LINE, LINE_STEP);
      }
      releaseTaps(line);
    }
  }

  /** Loads the weights that a line is the first to use. */
  private void loadTaps(int line) {
    for (int row = 0; row < tile.rows(); row++) {
      int kernelRow = tile.kernelRow(row, line);
      if (kernelRow < 0 || taps.containsKey(kernelRow)) {
        continue;
      }
      int first = free.remove();
      taps.put(kernelRow, first);
      for (int i = 0; i < tile.kernelWidth(); i++) {
        int weight = (kernelRow * tile.kernelWidth() + i) * tile.channels() * Float.BYTES;
        asm.load(v(first + i), wide(WEIGHTS, weight));
        if (fold.isOfBytes()) {
          asm.opBroadcast(Op.ANDPS, v(first + i), v(first + i), slot(WindowSlots.LOW_WORD));
        }
      }
    }
  }

  /** Gives up the registers of weights that no later line uses. */
  private void releaseTaps(int line) {
    int kernelRow = tile.kernelRow(tile.rows() - 1, line);
    Integer first = taps.remove(kernelRow);
    if (first != null) {
      free.add(first);
    }
  }

  private void pixel(int line, int column) {
    Op add = fold.isOfBytes() ? Op.PDPWSSD : Op.FMADD231PS;
    boolean isLoaded = false;
    Vec pixel = v(firstPixel + pixels % (lastPixel - firstPixel));
    for (int row = 0; row < tile.rows(); row++) {
      int kernelRow = tile.kernelRow(row, line);
      for (int i = 0; i < tile.columns(); i++) {
        int kernelColumn = tile.kernelColumn(i, column);
        if (kernelRow < 0 || kernelColumn < 0) {
          continue;
        }
        if (!isLoaded) {
          int distance = (column - tile.firstColumn()) * tile.channels() * fold.elementBytes();
          load(pixel, mem(LINE, OFFSET, 1, distance));
          pixels++;
          isLoaded = true;
        }
        Vec weight = v(taps.getOrDefault(kernelRow, 0) + kernelColumn);
        asm.op(add, v(row * tile.columns() + i), weight, pixel);
      }
    }
  }

  /** Bytes become 32-bit integers less the zero point, of which dot products use 16 bits. */
  private void load(Vec pixel, Mem from) {
    if (!fold.isOfBytes()) {
      asm.load(pixel, from);
      return;
    }
    asm.op(fold == WindowFold.SIGNED_REQUANTIZED ? Op.PMOVSXBD : Op.PMOVZXBD, pixel, from);
    asm.op(Op.PSUBD, pixel, pixel, zeroPoint());
  }

  private Vec zeroPoint() {
    return v(isa.registers() - 1);
  }

  private void addResidual() {
    Label none = new Label();
    unless(TileSlots.RESIDUAL, none);
    for (int row = 0; row < tile.rows(); row++) {
      for (int i = 0; i < tile.columns(); i++) {
        Vec sum = v(row * tile.columns() + i);
        asm.op(Op.ADDPS, sum, sum, wide(LINE, i * tile.channels() * Float.BYTES));
      }
      asm.add(LINE, RESULT_STEP);
    }
    asm.bind(none);
  }

  /** Brings sums plus a bias to the scale of bytes. */
  private void requantize() {
    Label none = new Label();
    Vec first = v(firstPixel);
    Vec second = v(firstPixel + 1);
    int results = tile.rows() * tile.columns();
    unless(TileSlots.BIAS, none);
    asm.load(first, wide(LINE, 0));
    for (int i = 0; i < results; i++) {
      asm.op(Op.PADDD, v(i), v(i), first);
    }
    asm.bind(none);
    asm.mov(LINE, slot(TileSlots.MULTIPLIERS));
    asm.load(second, wide(LINE, 0));
    for (int i = 0; i < results; i++) {
      asm.op(Op.CVTDQ2PS, v(i), v(i));
      asm.op(Op.MULPS, v(i), v(i), second);
    }
    asm.broadcast(first, slot(TileSlots.BOUNDS));
    asm.broadcast(second, mem(PARAMETERS, TileSlots.BOUNDS * Long.BYTES + Float.BYTES));
    for (int i = 0; i < results; i++) {
      asm.op(Op.MAXPS, v(i), v(i), first);
      asm.op(Op.MINPS, v(i), v(i), second);
      asm.op(Op.CVTPS2DQ, v(i), v(i));
      asm.opBroadcast(Op.PADDD, v(i), v(i), slot(TileSlots.ZERO_POINT));
    }
  }

  private void store() {
    asm.mov(LINE, slot(WindowSlots.Y));
    for (int row = 0; row < tile.rows(); row++) {
      for (int i = 0; i < tile.columns(); i++) {
        Mem to = mem(LINE, OFFSET, 1, i * tile.channels() * fold.resultBytes());
        Vec result = v(row * tile.columns() + i);
        if (fold.isRequantized()) {
          asm.storeBytes(to, result, Mask.K0);
        } else {
          asm.store(to, result);
        }
      }
      if (row + 1 < tile.rows()) {
        asm.add(LINE, RESULT_STEP);
      }
    }
  }
}
