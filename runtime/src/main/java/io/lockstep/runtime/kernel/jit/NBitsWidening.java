package io.lockstep.runtime.kernel.jit;

import static io.lockstep.runtime.kernel.jit.Mem.mem;

import io.lockstep.runtime.kernel.NBitsFormat;

/**
 * Writes what makes floats of the elements of words: integers less their zero points, without the
 * scale. AVX-512 looks integers of up to 4 bits up in a table in a register, which has the usual
 * zero point subtracted.
 *
 * @param constant a register: the table, or the bits of an element
 * @param zero a register: the zero point that blocks without their own have
 */
record NBitsWidening(Assembler asm, int bits, boolean hasZeros, Vec constant, Vec zero) {

  private static final int TABLE_SIZE = 16;

  /** Puts the constants where {@link #loadConstants} finds them. */
  static void setConstants(Parameters parameters, NBitsFormat format) {
    int mask = (1 << format.bits()) - 1;
    parameters.set(NBitsSlots.CONSTANTS, Float.intBitsToFloat(mask), format.zero());
    for (int i = 0; i < TABLE_SIZE; i++) {
      float value = (i & mask) - (format.hasZeros() ? 0 : format.zero());
      parameters.setWord(NBitsSlots.TABLE, i, Float.floatToRawIntBits(value));
    }
  }

  private boolean hasTable() {
    return asm.isa() == Isa.AVX512 && bits <= 4;
  }

  void loadConstants(Gp parameters) {
    if (hasTable()) {
      asm.load(constant, Parameters.at(parameters, NBitsSlots.TABLE));
    } else {
      int at = NBitsSlots.CONSTANTS * Long.BYTES;
      asm.broadcast(constant, mem(parameters, at));
      asm.broadcast(zero, mem(parameters, at + Float.BYTES));
    }
  }

  /**
   * Widens an element. What stands whole bytes up in its word is read from so many bytes on, which
   * costs less than to shift it.
   *
   * @param words where the words are; up to three bytes behind them are read
   * @param word register of the words
   * @param to register of the floats
   * @param zeros memory of the zero points, where blocks have them
   */
  void widen(int element, Mem words, Vec word, Vec to, Mem zeros) {
    int bit = NBitsPanels.bit(bits, element);
    Vec shifted = bit == 0 ? word : to;
    if (bit > 0 && bit % Byte.SIZE == 0) {
      int displacement = words.displacement() + bit / Byte.SIZE;
      asm.load(to, new Mem(words.base(), words.index(), words.scale(), displacement));
    } else if (bit > 0) {
      asm.shiftRightLogical(to, word, bit);
    }
    if (hasTable()) {
      asm.op(Op.PERMPS, to, shifted, constant);
    } else {
      asm.op(Op.ANDPS, to, shifted, constant);
      asm.op(Op.CVTDQ2PS, to, to);
    }
    if (hasZeros) {
      asm.op(Op.SUBPS, to, to, zeros);
    } else if (!hasTable()) {
      asm.op(Op.SUBPS, to, to, zero);
    }
  }
}
