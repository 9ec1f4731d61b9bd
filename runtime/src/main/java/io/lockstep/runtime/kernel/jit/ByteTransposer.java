package io.lockstep.runtime.kernel.jit;

import static io.lockstep.runtime.kernel.jit.Mem.mem;
import static io.lockstep.runtime.kernel.jit.Vec.v;

import io.lockstep.runtime.kernel.jit.Assembler.Condition;

/** Transposes bytes: sixteen columns of sixteen or of 64 rows at a time (AVX-512). */
final class ByteTransposer {

  /** Rows and columns that there must be. */
  static final int LEAST = 16;

  private static final int FROM_SLOT = 0;
  private static final int STRIDE_SLOT = 1;
  private static final int TO_SLOT = 2;
  private static final int TO_STRIDE_SLOT = 3;
  private static final int COUNT_SLOT = 4;

  /** Bytes from behind the last row of a turn back to the first row of the next turn. */
  private static final int BACK_SLOT = 5;

  private static final int WIDEST = 4;
  private static final int LINE_BYTES = 64;

  /** Columns of one call, which then takes well under 100 microseconds. */
  private static final int CALL = 4096;

  private final NativeKernel wide = new NativeKernel(code(WIDEST));
  private final NativeKernel narrow = new NativeKernel(code(1));

  /**
   * Transposes. Where there are not whole sixteens, the last sixteen rows or columns overlap those
   * before.
   *
   * @param from address of bytes [rows, columns], rows {@code fromStride} bytes apart
   * @param to address of bytes [columns, rows], rows {@code toStride} bytes apart
   */
  void transpose(long from, long fromStride, int rows, int columns, long to, long toStride) {
    Parameters parameters = Parameters.ofThread();
    parameters.set(STRIDE_SLOT, fromStride);
    parameters.set(TO_STRIDE_SLOT, toStride);
    parameters.set(BACK_SLOT, LEAST - LEAST * fromStride);
    int row = 0;
    while (row < rows) {
      int left = rows - row;
      boolean isWide = left >= WIDEST * LEAST;
      int first = Math.min(row, rows - LEAST);
      rows(parameters, isWide ? wide : narrow, from + first * fromStride, columns, to + first);
      row += isWide ? WIDEST * LEAST : LEAST;
    }
  }

  private static void rows(
      Parameters parameters, NativeKernel kernel, long from, int columns, long to) {
    int whole = columns / LEAST * LEAST;
    for (int column = 0; column < whole; column += CALL) {
      run(parameters, kernel, Math.min(CALL, whole - column), from, to, column);
    }
    if (whole < columns) {
      run(parameters, kernel, LEAST, from, to, columns - LEAST);
    }
  }

  private static void run(
      Parameters parameters, NativeKernel kernel, int columns, long from, long to, int column) {
    parameters.set(FROM_SLOT, from + column);
    parameters.set(TO_SLOT, to + column * parameters.get(TO_STRIDE_SLOT));
    parameters.set(COUNT_SLOT, columns / LEAST);
    kernel.call(parameters);
  }

  /**
   * The loop over columns. Register i of sixteen gets sixteen bytes of row i of each group of rows;
   * four rounds of interleaving the first eight registers with the others rotate the eight bits
   * that number a byte within a group, so that what was the column becomes the register.
   *
   * @param groups of sixteen rows
   */
  private static byte[] code(int groups) {
    Gp parameters = Gp.RDI;
    Gp stride = Gp.RSI;
    Gp stride3 = Gp.RDX;
    Gp to = Gp.RAX;
    Gp count = Gp.RCX;
    Gp toStride = Gp.RBX;
    Gp[] from = {Gp.R8, Gp.R9, Gp.R10, Gp.R11};
    Assembler asm = new Assembler(Isa.AVX512);
    asm.push(toStride);
    asm.mov(from[0], Parameters.at(parameters, FROM_SLOT));
    asm.mov(stride, Parameters.at(parameters, STRIDE_SLOT));
    asm.mov(to, Parameters.at(parameters, TO_SLOT));
    asm.mov(toStride, Parameters.at(parameters, TO_STRIDE_SLOT));
    asm.lea(stride3, mem(stride, stride, 2, 0));
    for (int group = 1; group < groups; group++) {
      asm.lea(from[group], mem(from[group - 1], stride, 8, 0));
      asm.lea(from[group], mem(from[group], stride, 8, 0));
    }
    asm.mov(count, 0xF);
    asm.kmovw(Mask.K1, count);
    asm.mov(count, Parameters.at(parameters, COUNT_SLOT));
    Label turn = new Label();
    asm.bind(turn);
    for (int row = 0; row < LEAST; row++) {
      for (int group = 0; group < groups; group++) {
        Mem sixteen = row(from[group], stride, stride3, row % 4);
        if (group == 0) {
          asm.op(Op.BROADCASTF32X4, v(row), sixteen);
        } else {
          asm.insertFour(v(row), v(row), sixteen, group);
        }
        if (row % 4 == 3) {
          asm.lea(from[group], mem(from[group], stride, 4, 0));
        }
      }
    }
    int read = 0;
    for (int round = 0; round < 4; round++) {
      int written = LEAST - read;
      for (int i = 0; i < LEAST / 2; i++) {
        asm.op(Op.PUNPCKLBW, v(written + 2 * i), v(read + i), v(read + i + LEAST / 2));
        asm.op(Op.PUNPCKHBW, v(written + 2 * i + 1), v(read + i), v(read + i + LEAST / 2));
      }
      read = written;
    }
    for (int column = 0; column < LEAST; column++) {
      if (groups == WIDEST) {
        asm.store(mem(to, 0), v(read + column));
        asm.prefetchToWrite(mem(to, LINE_BYTES));
      } else {
        asm.store(mem(to, 0), v(read + column), Mask.K1);
      }
      asm.add(to, toStride);
    }
    for (int group = 0; group < groups; group++) {
      asm.add(from[group], Parameters.at(parameters, BACK_SLOT));
    }
    asm.sub(count, 1);
    asm.jump(Condition.NOT_ZERO, turn);
    asm.vzeroupper();
    asm.pop(toStride);
    asm.ret();
    return asm.toByteArray();
  }

  private static Mem row(Gp from, Gp stride, Gp stride3, int row) {
    return switch (row) {
      case 0 -> mem(from, 0);
      case 3 -> mem(from, stride3, 1, 0);
      default -> mem(from, stride, row, 0);
    };
  }
}
