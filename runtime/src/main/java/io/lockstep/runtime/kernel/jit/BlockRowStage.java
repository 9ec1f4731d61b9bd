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

  private static final Vec NOT_SIGN = v(16);
  private static final Vec TO_SCALE = v(17);
  private static final Vec TO_INVERSE = v(18);
  private static final Vec MINUS_ZERO = v(19);

  private final Assembler asm = new Assembler(Isa.AVX512);
  private final BlockPanels format;
  private final NativeKernel kernel;

  BlockRowStage(BlockPanels format) {
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
    asm.mov(Gp.RAX, 1);
    asm.kmovw(Mask.K1, Gp.RAX);
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
    Vec largest = v(4);
    Vec inverse = v(5);
    asm.load(v(0), mem(X, 0));
    asm.load(v(1), mem(X, Isa.AVX512.vectorBytes()));
    asm.op(Op.ANDPS, v(2), v(0), NOT_SIGN);
    asm.op(Op.ANDPS, v(3), v(1), NOT_SIGN);
    // The bits of magnitudes are ordered as they are, with NaN above all, which must not get lost.
    asm.op(Op.PMAXSD, largest, v(2), v(3));
    combine(Op.PMAXSD, largest);
    asm.op(Op.DIVPS, inverse, TO_INVERSE, largest);
    asm.op(Op.MULPS, largest, largest, TO_SCALE);
    for (int i = 0; i < 2; i++) {
      asm.op(Op.MULPS, v(i), v(i), inverse);
      asm.op(Op.CVTPS2DQ, v(i), v(i));
      asm.storeBytes(mem(BYTES, i * Isa.AVX512.lanes()), v(i), Mask.K0);
    }
    asm.store(mem(SCALES, 0), largest, Mask.K1);
    if (format.sums() == 1) {
      asm.op(Op.PADDD, v(0), v(0), v(1));
    }
    for (int i = 0; i < format.sums(); i++) {
      combine(Op.PADDD, v(i));
      if (format.hasShifts()) {
        asm.op(Op.CVTDQ2PS, v(i), v(i));
        asm.op(Op.MULPS, v(i), v(i), largest);
      } else {
        asm.op(Op.PMULLD, v(i), v(i), MINUS_ZERO);
      }
      asm.store(i == 0 ? mem(NUMBERS, 0) : mem(NUMBERS, NEXT_SUM, 1, 0), v(i), Mask.K1);
    }
  }

  /** Every lane becomes the combination of all. */
  private void combine(Op op, Vec value) {
    Vec other = v(6);
    asm.swapHalves(other, value);
    asm.op(op, value, value, other);
    asm.swapFours(other, value);
    asm.op(op, value, value, other);
    asm.permuteFours(other, value, 0x4E);
    asm.op(op, value, value, other);
    asm.permuteFours(other, value, 0xB1);
    asm.op(op, value, value, other);
  }
}
