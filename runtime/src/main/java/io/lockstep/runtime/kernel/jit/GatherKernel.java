package io.lockstep.runtime.kernel.jit;

import static io.lockstep.runtime.kernel.jit.Mem.mem;
import static io.lockstep.runtime.kernel.jit.Vec.v;

import io.lockstep.runtime.kernel.jit.Assembler.Condition;

/** Gathers rows by the processor's own instruction (AVX-512). */
final class GatherKernel implements RowGather {

  private static final Gp SOURCE = Gp.RSI;
  private static final Gp TARGET = Gp.RDX;
  private static final Gp COUNT = Gp.RCX;
  private static final Gp FROM_STRIDE = Gp.R8;
  private static final Gp TO_STRIDE = Gp.R9;
  private static final Vec ROWS = v(17);
  private static final Vec FLIP = v(18);

  private static final int CONSTANTS = 6;

  private final Assembler asm = new Assembler(Isa.AVX512);
  private final NativeKernel kernel;

  /** Moves {@code words} neighbouring words of each block, 64 bytes apart in the target. */
  static GatherKernel ofWords(int words) {
    return new GatherKernel(words, false, false);
  }

  /** Moves the lower half of one word of each block. */
  static GatherKernel ofHalves() {
    return new GatherKernel(1, true, false);
  }

  /** Moves the upper half of one word of each block. */
  static GatherKernel ofUpperHalves() {
    return new GatherKernel(1, true, true);
  }

  private GatherKernel(int words, boolean halves, boolean isUpper) {
    Label turn = new Label();
    asm.mov(SOURCE, Parameters.at(Gp.RDI, 0));
    asm.mov(TARGET, Parameters.at(Gp.RDI, 1));
    asm.mov(COUNT, Parameters.at(Gp.RDI, 2));
    asm.mov(FROM_STRIDE, Parameters.at(Gp.RDI, 3));
    asm.mov(TO_STRIDE, Parameters.at(Gp.RDI, 4));
    asm.broadcast(FLIP, Parameters.at(Gp.RDI, 5));
    asm.load(ROWS, Parameters.at(Gp.RDI, CONSTANTS));
    asm.mov(Gp.RAX, -1);
    asm.bind(turn);
    for (int word = 0; word < words; word++) {
      Vec value = v(word % 16);
      asm.kmovw(Mask.K1, Gp.RAX);
      asm.gather(value, Mask.K1, SOURCE, ROWS, word * Integer.BYTES);
      if (isUpper) {
        asm.shiftRightLogical(value, value, Short.SIZE);
      }
      if (halves) {
        asm.storeHalves(mem(TARGET, 0), value);
      } else {
        asm.op(Op.XORPS, value, value, FLIP);
        asm.store(mem(TARGET, word * BlockPanels.WORDS_BYTES), value);
      }
    }
    asm.add(SOURCE, FROM_STRIDE);
    asm.add(TARGET, TO_STRIDE);
    asm.sub(COUNT, 1);
    asm.jump(Condition.NOT_ZERO, turn);
    asm.vzeroupper();
    asm.ret();
    this.kernel = new NativeKernel(asm.toByteArray());
  }

  @Override
  public void run(
      long from,
      int rowBytes,
      int rows,
      int blocks,
      long fromStride,
      long to,
      long toStride,
      int flip) {
    Parameters parameters = Parameters.ofThread();
    parameters.set(0, from);
    parameters.set(1, to);
    parameters.set(2, blocks);
    parameters.set(3, fromStride);
    parameters.set(4, toStride);
    parameters.set(5, flip);
    for (int lane = 0; lane < BlockPanels.WIDTH; lane += 2) {
      long low = (long) Math.min(lane, rows - 1) * rowBytes;
      long high = (long) Math.min(lane + 1, rows - 1) * rowBytes;
      parameters.set(CONSTANTS + lane / 2, high << Integer.SIZE | low);
    }
    kernel.call(parameters);
  }
}
