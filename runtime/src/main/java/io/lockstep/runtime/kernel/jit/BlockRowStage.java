package io.lockstep.runtime.kernel.jit;

import static io.lockstep.runtime.kernel.jit.Mem.mem;
import static io.lockstep.runtime.kernel.jit.Vec.v;

import io.lockstep.runtime.kernel.jit.Assembler.Condition;

/**
 * Rounds rows of floats to bytes, block by block of 32, as {@link BlockTileGenerator} reads them.
 * The rows of a tile stand together: of each block byte [rows, 32], float [rows] scales, and [sums,
 * rows] numbers by which the elements' zeros or shifts count: int32, -zero times the sum of the
 * bytes, or of either half of them; or float, their sum times the scale.
 */
final class BlockRowStage {

  private static final int LARGEST = 127;

  private static final Gp X = Gp.RSI;
  private static final Gp BYTES = Gp.RDX;
  private static final Gp SCALES = Gp.RCX;
  private static final Gp NUMBERS = Gp.R8;
  private static final Gp STRIDE = Gp.R9;
  private static final Gp COUNT = Gp.R10;
  private static final Gp NEXT_SUM = Gp.R11;

  private static final Vec NOT_SIGN = v(12);
  private static final Vec TO_SCALE = v(13);
  private static final Vec TO_INVERSE = v(14);
  private static final Vec MINUS_ZERO = v(15);

  /** The first of the registers beside those of the elements. */
  private static final int LARGEST_MAGNITUDE = 4;

  private static final Vec OTHER = v(6);

  private final Isa isa;
  private final Assembler asm;
  private final BlockPanels format;
  private final NativeKernel kernel;

  BlockRowStage(Isa isa, BlockPanels format) {
    this.isa = isa;
    this.asm = new Assembler(isa);
    this.format = format;
    this.kernel = generate();
  }

  /**
   * Stages one row.
   *
   * @param x address of float [32 * blocks]
   * @param to address of the tile's memory
   */
  void run(long x, int blocks, long to, int row, int tileRows) {
    Parameters parameters = Parameters.ofThread();
    long scales = to + (long) tileRows * BlockPanels.BLOCK;
    parameters.set(0, x);
    parameters.set(1, to + (long) row * BlockPanels.BLOCK);
    parameters.set(2, scales + (long) row * Float.BYTES);
    parameters.set(3, scales + (long) (tileRows + row) * Float.BYTES);
    parameters.set(4, (long) tileRows * format.stagedBytes());
    parameters.set(5, blocks);
    parameters.set(6, (long) tileRows * Integer.BYTES);
    parameters.set(BlockSlots.CONSTANTS, Float.intBitsToFloat(Integer.MAX_VALUE), 1f / LARGEST);
    parameters.set(BlockSlots.CONSTANTS + 1, LARGEST, Float.intBitsToFloat(-format.zero()));
    kernel.call(parameters);
  }

  private NativeKernel generate() {
    Label turn = new Label();
    asm.mov(X, Parameters.at(Gp.RDI, 0));
    asm.mov(BYTES, Parameters.at(Gp.RDI, 1));
    asm.mov(SCALES, Parameters.at(Gp.RDI, 2));
    asm.mov(NUMBERS, Parameters.at(Gp.RDI, 3));
    asm.mov(STRIDE, Parameters.at(Gp.RDI, 4));
    asm.mov(COUNT, Parameters.at(Gp.RDI, 5));
    asm.mov(NEXT_SUM, Parameters.at(Gp.RDI, 6));
    int constants = BlockSlots.CONSTANTS * Long.BYTES;
    asm.broadcast(NOT_SIGN, mem(Gp.RDI, constants));
    asm.broadcast(TO_SCALE, mem(Gp.RDI, constants + Float.BYTES));
    asm.broadcast(TO_INVERSE, mem(Gp.RDI, constants + 2 * Float.BYTES));
    asm.broadcast(MINUS_ZERO, mem(Gp.RDI, constants + 3 * Float.BYTES));
    asm.bind(turn);
    block();
    asm.add(X, BlockPanels.BLOCK * Float.BYTES);
    asm.add(BYTES, STRIDE);
    asm.add(SCALES, STRIDE);
    asm.add(NUMBERS, STRIDE);
    asm.sub(COUNT, 1);
    asm.jump(Condition.NOT_ZERO, turn);
    asm.vzeroupper();
    asm.ret();
    return new NativeKernel(asm.toByteArray());
  }

  private void block() {
    Vec largest = v(LARGEST_MAGNITUDE);
    Vec inverse = v(LARGEST_MAGNITUDE + 1);
    int vectors = BlockPanels.BLOCK / isa.lanes();
    for (int i = 0; i < vectors; i++) {
      load(i);
      asm.op(Op.ANDPS, i == 0 ? largest : OTHER, v(i), NOT_SIGN);
      // The bits of magnitudes are ordered as they are, with NaN above all, which must not get
      // lost.
      if (i > 0) {
        asm.op(Op.PMAXSD, largest, largest, OTHER);
      }
    }
    combineHalves(Op.PMAXSD, largest);
    combineWithin(Op.PMAXSD, largest);
    asm.op(Op.DIVPS, inverse, TO_INVERSE, largest);
    asm.op(Op.MULPS, largest, largest, TO_SCALE);
    for (int i = 0; i < vectors; i++) {
      asm.op(Op.MULPS, v(i), v(i), inverse);
      asm.op(Op.CVTPS2DQ, v(i), v(i));
    }
    asm.storeLane(mem(SCALES, 0), largest);
    switch (isa) {
      case AVX512 -> {
        asm.storeBytes(mem(BYTES, 0), v(0), Mask.K0);
        asm.storeBytes(mem(BYTES, isa.lanes()), v(1), Mask.K0);
        if (format.sums() == 1) {
          asm.op(Op.PADDD, v(0), v(0), v(1));
        }
        for (int i = 0; i < format.sums(); i++) {
          combineHalves(Op.PADDD, v(i));
          combineWithin(Op.PADDD, v(i));
        }
      }
      case AVX2 -> {
        // A block of zeros has a scale of zero, which makes its saturated elements count nothing.
        asm.op(Op.PACKSSDW, inverse, v(0), v(1));
        asm.op(Op.PACKSSDW, OTHER, v(2), v(3));
        asm.op(Op.PACKSSWB, inverse, inverse, OTHER);
        asm.store(mem(BYTES, 0), inverse);
        for (int i = 1; i < vectors; i++) {
          asm.op(Op.PADDD, v(0), v(0), v(i));
        }
        combineWithin(Op.PADDD, v(0));
        if (format.sums() == 1) {
          combineHalves(Op.PADDD, v(0));
        } else {
          asm.swapHalves(v(1), v(0));
        }
      }
    }
    for (int i = 0; i < format.sums(); i++) {
      if (format.hasShifts()) {
        asm.op(Op.CVTDQ2PS, v(i), v(i));
        asm.op(Op.MULPS, v(i), v(i), largest);
      } else {
        asm.op(Op.PMULLD, v(i), v(i), MINUS_ZERO);
      }
      asm.storeLane(i == 0 ? mem(NUMBERS, 0) : mem(NUMBERS, NEXT_SUM, 1, 0), v(i));
    }
  }

  /**
   * A vector of the block; for AVX2 four elements of either half, which is how packing to bytes
   * puts them in order.
   */
  private void load(int i) {
    switch (isa) {
      case AVX512 -> asm.load(v(i), mem(X, i * isa.vectorBytes()));
      case AVX2 -> {
        int four = 4 * Float.BYTES;
        asm.load(v(i), mem(X, i * four));
        asm.insertFour(v(i), v(i), mem(X, (4 + i) * four), 1);
      }
    }
  }

  /** Every group of four lanes becomes the combination of all. */
  private void combineHalves(Op op, Vec value) {
    asm.swapHalves(OTHER, value);
    asm.op(op, value, value, OTHER);
    if (isa == Isa.AVX512) {
      asm.swapFours(OTHER, value);
      asm.op(op, value, value, OTHER);
    }
  }

  /** Every lane becomes the combination of its group of four. */
  private void combineWithin(Op op, Vec value) {
    asm.permuteFours(OTHER, value, 0x4E);
    asm.op(op, value, value, OTHER);
    asm.permuteFours(OTHER, value, 0xB1);
    asm.op(op, value, value, OTHER);
  }
}
