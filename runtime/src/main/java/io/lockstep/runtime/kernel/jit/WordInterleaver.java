package io.lockstep.runtime.kernel.jit;

import static io.lockstep.runtime.kernel.jit.Mem.mem;
import static io.lockstep.runtime.kernel.jit.Vec.v;

import io.lockstep.runtime.kernel.jit.Assembler.Condition;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Transposes a few rows of words, whose words then take turns: channels of a picture become pixels
 * (AVX-512).
 */
final class WordInterleaver {

  static final int LEAST_ROWS = 2;
  static final int MOST_ROWS = 4;

  /** Columns that there must be. */
  static final int LANES = 16;

  private static final int FROM_SLOT = 0;
  private static final int STRIDE_SLOT = 1;
  private static final int TO_SLOT = 2;
  private static final int COUNT_SLOT = 3;
  private static final int PLACES_SLOT = 4;

  /** Columns of one call, which then takes well under 100 microseconds. */
  private static final int CALL = 16_384;

  private final int rows;
  private final NativeKernel kernel;

  /** Int32 [rows, 16]: the column that each lane of the vectors of a turn comes from. */
  private final MemorySegment places;

  /** A kernel for so many rows. */
  WordInterleaver(int rows) {
    this.rows = rows;
    this.kernel = new NativeKernel(code(rows));
    this.places = Arena.ofAuto().allocate((long) rows * LANES * Integer.BYTES, 64);
    for (int i = 0; i < rows * LANES; i++) {
      places.setAtIndex(ValueLayout.JAVA_INT, i, i / rows);
    }
  }

  /**
   * Interleaves. Where there are not whole sixteens of columns, the last sixteen overlap those
   * before.
   *
   * @param from address of words [rows, columns], rows {@code fromStride} bytes apart
   * @param columns at least {@link #LANES}
   * @param to address of words [columns, rows]
   */
  void interleave(long from, long fromStride, int columns, long to) {
    Parameters parameters = Parameters.ofThread();
    parameters.set(STRIDE_SLOT, fromStride);
    parameters.set(PLACES_SLOT, places.address());
    int whole = columns / LANES * LANES;
    for (int column = 0; column < whole; column += CALL) {
      run(parameters, Math.min(CALL, whole - column), from, to, column);
    }
    if (whole < columns) {
      run(parameters, LANES, from, to, columns - LANES);
    }
  }

  private void run(Parameters parameters, int columns, long from, long to, int column) {
    parameters.set(FROM_SLOT, from + (long) column * Integer.BYTES);
    parameters.set(TO_SLOT, to + (long) column * rows * Integer.BYTES);
    parameters.set(COUNT_SLOT, columns / LANES);
    kernel.call(parameters);
  }

  private static byte[] code(int rows) {
    Gp parameters = Gp.RDI;
    Gp stride = Gp.RSI;
    Gp stride3 = Gp.RDX;
    Gp from = Gp.R8;
    Gp to = Gp.RAX;
    Gp count = Gp.RCX;
    Mask[] masks = {Mask.K1, Mask.K2, Mask.K3, Mask.K4};
    Assembler asm = new Assembler(Isa.AVX512);
    asm.mov(to, Parameters.at(parameters, PLACES_SLOT));
    for (int i = 0; i < rows; i++) {
      asm.load(v(i), mem(to, i * Isa.AVX512.vectorBytes()));
      int lanes = 0;
      for (int lane = i; lane < LANES; lane += rows) {
        lanes |= 1 << lane;
      }
      asm.mov(count, lanes);
      asm.kmovw(masks[i], count);
    }
    asm.mov(from, Parameters.at(parameters, FROM_SLOT));
    asm.mov(stride, Parameters.at(parameters, STRIDE_SLOT));
    asm.mov(to, Parameters.at(parameters, TO_SLOT));
    asm.mov(count, Parameters.at(parameters, COUNT_SLOT));
    asm.lea(stride3, mem(stride, stride, 2, 0));
    Label turn = new Label();
    asm.bind(turn);
    for (int i = 0; i < rows; i++) {
      Vec words = v(rows + i);
      for (int row = 0; row < rows; row++) {
        Mem columns =
            row == 0
                ? mem(from, 0)
                : row == 3 ? mem(from, stride3, 1, 0) : mem(from, stride, row, 0);
        asm.permute(words, v(i), columns, masks[Math.floorMod(row - i * LANES, rows)], row == 0);
      }
      asm.store(mem(to, i * Isa.AVX512.vectorBytes()), words);
    }
    asm.add(from, Isa.AVX512.vectorBytes());
    asm.add(to, rows * Isa.AVX512.vectorBytes());
    asm.sub(count, 1);
    asm.jump(Condition.NOT_ZERO, turn);
    asm.vzeroupper();
    asm.ret();
    return asm.toByteArray();
  }
}
