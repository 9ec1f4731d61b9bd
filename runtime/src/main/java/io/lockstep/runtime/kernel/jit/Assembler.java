package io.lockstep.runtime.kernel.jit;

import org.jspecify.annotations.Nullable;

/**
 * Writes x86-64 instructions: general-purpose ones on 64-bit operands, vector ones on whole vectors
 * of an instruction set, in VEX form for AVX2 and EVEX form for AVX-512.
 */
final class Assembler {

  /** When a conditional jump is taken, by the last comparison or arithmetic. */
  enum Condition {
    ZERO(4),
    NOT_ZERO(5),
    LESS(12),
    GREATER_OR_EQUAL(13);

    private final int code;

    Condition(int code) {
      this.code = code;
    }
  }

  /** How lanes are compared; a comparison with a NaN holds only where it says so. */
  enum Comparison {
    EQUAL(0),
    UNORDERED(3),
    LESS(17),
    LESS_OR_EQUAL(18),
    GREATER_OR_EQUAL(29),
    GREATER(30),
    /** Of integers. */
    SAME(0, Op.PCMPEQD),
    /** Of signed integers. */
    ABOVE(6, Op.PCMPGTD);

    private final int code;

    /** The AVX2 instruction that compares integers so; null for floats. */
    private final @Nullable Op integers;

    Comparison(int code) {
      this(code, null);
    }

    Comparison(int code, @Nullable Op integers) {
      this.code = code;
      this.integers = integers;
    }
  }

  /** Where a number goes that is no integer. */
  enum Rounding {
    NEAREST_EVEN(8),
    DOWN(9),
    UP(10),
    TO_ZERO(11);

    private final int code;

    Rounding(int code) {
      this.code = code;
    }
  }

  private static final int REX_W = 0x48;

  private final CodeBuffer code = new CodeBuffer();
  private final Isa isa;

  Assembler(Isa isa) {
    this.isa = isa;
  }

  Isa isa() {
    return isa;
  }

  byte[] toByteArray() {
    return code.toByteArray();
  }

  // General-purpose instructions.

  void mov(Gp to, Gp from) {
    direct(0x89, from, to);
  }

  void mov(Gp to, Mem from) {
    indirect(0x8B, to, from);
  }

  void mov(Mem to, Gp from) {
    indirect(0x89, from, to);
  }

  /** Sets all 64 bits to a sign-extended number. */
  void mov(Gp to, int value) {
    rex(Gp.RAX, to);
    code.append(0xC7, modRm(0, to.low()));
    code.appendInt(value);
  }

  /** The address of an operand. */
  void lea(Gp to, Mem of) {
    indirect(0x8D, to, of);
  }

  void add(Gp to, Gp value) {
    direct(0x01, value, to);
  }

  void add(Gp to, Mem value) {
    indirect(0x03, to, value);
  }

  void add(Gp to, int value) {
    immediate(0, to, value);
  }

  void sub(Gp to, int value) {
    immediate(5, to, value);
  }

  void cmp(Gp a, int value) {
    immediate(7, a, value);
  }

  void cmp(Gp a, Mem b) {
    indirect(0x3B, a, b);
  }

  /** Compares the bitwise conjunction with zero. */
  void test(Gp a, Gp b) {
    direct(0x85, b, a);
  }

  void push(Gp register) {
    extension(register);
    code.append(0x50 + register.low());
  }

  void pop(Gp register) {
    extension(register);
    code.append(0x58 + register.low());
  }

  private void extension(Gp register) {
    if (register.isExtended()) {
      code.append(0x41);
    }
  }

  private void extension(Mem address) {
    int rex = 0x40 | (address.isIndexExtended() ? 2 : 0) | (address.base().isExtended() ? 1 : 0);
    if (rex != 0x40) {
      code.append(rex);
    }
  }

  void ret() {
    code.append(0xC3);
  }

  /** Calls the function whose address is in memory. */
  void call(Mem address) {
    extension(address);
    code.append(0xFF);
    modRm(2, address, 1);
  }

  void cpuid() {
    code.append(0x0F, 0xA2);
  }

  void xgetbv() {
    code.append(0x0F, 0x01, 0xD0);
  }

  void bind(Label label) {
    label.bind(code);
  }

  void jump(Label label) {
    code.append(0xE9);
    label.appendDistance(code);
  }

  void jump(Condition condition, Label label) {
    code.append(0x0F, 0x80 | condition.code);
    label.appendDistance(code);
  }

  /** Brings the line of an address into the first-level cache. */
  void prefetch(Mem address) {
    prefetch(address, 1);
  }

  /** Brings the line of an address into the second-level cache. */
  void prefetchSecondLevel(Mem address) {
    prefetch(address, 2);
  }

  /** Brings the line of an address into the first-level cache, ready to be written. */
  void prefetchToWrite(Mem address) {
    prefetch(0x0D, address, 1);
  }

  private void prefetch(Mem address, int hint) {
    prefetch(0x18, address, hint);
  }

  private void prefetch(int opcode, Mem address, int hint) {
    extension(address);
    code.append(0x0F, opcode);
    modRm(hint, address, 1);
  }

  /** Sets the low 16 bits of a mask register (AVX-512). */
  void kmovw(Mask to, Gp from) {
    if (from.isExtended()) {
      code.append(0xC4, 0xC1, 0x78);
    } else {
      code.append(0xC5, 0xF8);
    }
    code.append(0x92, modRm(to.number(), from.low()));
  }

  /** Clears the upper halves, without which code in older encodings would run slowly afterwards. */
  void vzeroupper() {
    code.append(0xC5, 0xF8, 0x77);
  }

  // Vector instructions.

  void load(Vec to, Mem from) {
    op(Op.MOVUPS, to, from);
  }

  void store(Mem to, Vec from) {
    memory(Op.MOVUPS_STORE, from.number(), 0, to, Mask.K0, false, false);
  }

  /** Loads the lanes of a mask; the others become zero (AVX-512). */
  void load(Vec to, Mem from, Mask mask) {
    memory(Op.MOVUPS, to.number(), 0, from, mask, true, false);
  }

  /** Stores the lanes of a mask (AVX-512). */
  void store(Mem to, Vec from, Mask mask) {
    memory(Op.MOVUPS_STORE, from.number(), 0, to, mask, false, false);
  }

  /** Loads the lanes whose sign bit is set in {@code mask}; the others become zero (AVX2). */
  void load(Vec to, Mem from, Vec mask) {
    memory(Op.MASKMOVPS, to.number(), mask.number(), from, Mask.K0, false, false);
  }

  /** Stores the lanes whose sign bit is set in {@code mask} (AVX2). */
  void store(Mem to, Vec from, Vec mask) {
    memory(Op.MASKMOVPS_STORE, from.number(), mask.number(), to, Mask.K0, false, false);
  }

  void move(Vec to, Vec from) {
    op(Op.MOVAPS, to, from);
  }

  /** A 32-bit element of memory in every lane. */
  void broadcast(Vec to, Mem from) {
    op(Op.BROADCASTSS, to, from);
  }

  void zero(Vec register) {
    op(Op.XORPS, register, register, register);
  }

  /** to = op(from). */
  void op(Op op, Vec to, Vec from) {
    registers(op, to.number(), 0, from);
  }

  /** to = op(from). */
  void op(Op op, Vec to, Mem from) {
    memory(op, to.number(), 0, from, Mask.K0, false, false);
  }

  /** to = op(a, b), or to = op(to, a, b) for fused operations. */
  void op(Op op, Vec to, Vec a, Vec b) {
    registers(op, to.number(), a.number(), b);
  }

  /** to = op(a, b), or to = op(to, a, b) for fused operations. */
  void op(Op op, Vec to, Vec a, Mem b) {
    memory(op, to.number(), a.number(), b, Mask.K0, false, false);
  }

  /** The same with one 32-bit element of memory as every lane of b (AVX-512). */
  void opBroadcast(Op op, Vec to, Vec a, Mem b) {
    memory(op, to.number(), a.number(), b, Mask.K0, false, true);
  }

  /** to = from shifted right, sign bits moving in. */
  void shiftRight(Vec to, Vec from, int bits) {
    registers(Op.PSHIFTD_IMMEDIATE, 4, to.number(), from);
    code.append(bits);
  }

  /** to = from shifted left. */
  void shiftLeft(Vec to, Vec from, int bits) {
    registers(Op.PSHIFTD_IMMEDIATE, 6, to.number(), from);
    code.append(bits);
  }

  /** to = from shifted right, zeros moving in. */
  void shiftRightLogical(Vec to, Vec from, int bits) {
    registers(Op.PSHIFTD_IMMEDIATE, 2, to.number(), from);
    code.append(bits);
  }

  /** to = from rounded to an integer; without a report of lost digits. */
  void round(Vec to, Vec from, Rounding rounding) {
    registers(Op.ROUNDPS, to.number(), 0, from);
    code.append(rounding.code);
  }

  /** to = each four elements of {@code from} in the order that two bits each say. */
  void permuteFours(Vec to, Vec from, int order) {
    registers(Op.PERMILPS, to.number(), 0, from);
    code.append(order);
  }

  /** to = two elements of each four of a, then two of b, in the order that two bits each say. */
  void shuffle(Vec to, Vec a, Vec b, int order) {
    registers(Op.SHUFPS, to.number(), a.number(), b);
    code.append(order);
  }

  /** to = from with four elements of memory in place of a group of four. */
  void insertFour(Vec to, Vec from, Mem four, int group) {
    memory(Op.INSERTF32X4, to.number(), from.number(), four, Mask.K0, false, false);
    code.append(group);
  }

  /** to = from with its halves exchanged. */
  void swapHalves(Vec to, Vec from) {
    shuffleFours(to, from, from, isa == Isa.AVX512 ? 0x4E : 1);
  }

  /** to = from with neighbouring groups of four elements exchanged (AVX-512). */
  void swapFours(Vec to, Vec from) {
    shuffleFours(to, from, from, 0xB1);
  }

  /**
   * to = groups of four elements of a, then of b. AVX-512: two of each, two bits for the place of
   * each; AVX2: one of both, four bits that count through a and b.
   */
  void shuffleFours(Vec to, Vec a, Vec b, int order) {
    registers(isa == Isa.AVX512 ? Op.SHUFF32X4 : Op.PERM2F128, to.number(), a.number(), b);
    code.append(order);
  }

  /** Loads small elements into the lanes of a mask; the others become zero (AVX-512). */
  void loadWidened(Op op, Vec to, Mem from, Mask mask) {
    memory(op, to.number(), 0, from, mask, mask != Mask.K0, false);
  }

  /** Stores the low byte of every lane of a mask (AVX-512). */
  void storeBytes(Mem to, Vec from, Mask mask) {
    memory(Op.PMOVDB, from.number(), 0, to, mask, false, false);
  }

  /** Stores the first lane. */
  void storeLane(Mem to, Vec from) {
    memory(Op.MOVSS_STORE, from.number(), 0, to, Mask.K0, false, false);
  }

  /** Stores the lower half of every lane (AVX-512). */
  void storeHalves(Mem to, Vec from) {
    memory(Op.PMOVDW, from.number(), 0, to, Mask.K0, false, false);
  }

  /** Loads the words at base + index, lane by lane, and clears the mask (AVX-512). */
  void gather(Vec to, Mask mask, Gp base, Vec index, int displacement) {
    if (index.low() == Gp.RSP.low()) {
      throw new IllegalArgumentException("the index stands where no general register may");
    }
    evex(
        Op.PGATHERDD,
        to.number(),
        index.number() & 16,
        index.bit3(),
        base.isExtended(),
        mask,
        false,
        false);
    code.append(Op.PGATHERDD.opcode);
    Gp standIn = Gp.ofLow(index.low());
    modRm(to.low(), Mem.mem(base, standIn, 1, displacement), Integer.BYTES);
  }

  /**
   * Loads words at the places that {@code index} has for the lanes of a mask; the others become
   * zero or stay. Reads a whole vector whatever the mask is (AVX-512).
   */
  void permute(Vec to, Vec index, Mem from, Mask mask, boolean zeroing) {
    memory(Op.PERMPS, to.number(), index.number(), from, mask, zeroing, false);
  }

  /** The lanes where a comparison holds (AVX-512). */
  void compare(Mask to, Comparison comparison, Vec a, Vec b) {
    Op op = comparison.integers == null ? Op.CMPPS : Op.PCMPD;
    registers(op, to.number(), a.number(), b);
    code.append(comparison.code);
  }

  /** All bits of the lanes where a comparison holds (AVX2). */
  void compare(Vec to, Comparison comparison, Vec a, Vec b) {
    if (comparison.integers != null) {
      op(comparison.integers, to, a, b);
      return;
    }
    registers(Op.CMPPS, to.number(), a.number(), b);
    code.append(comparison.code);
  }

  /** to = mask ? yes : no, lane by lane (AVX-512). */
  void select(Vec to, Mask mask, Vec yes, Vec no) {
    registers(Op.BLENDMPS, to.number(), no.number(), yes, mask);
  }

  /** to = sign bit of mask ? yes : no, lane by lane (AVX2). */
  void select(Vec to, Vec mask, Vec yes, Vec no) {
    registers(Op.BLENDVPS, to.number(), no.number(), yes);
    code.append(mask.number() << 4);
  }

  // Instructions on tiles (AMX).

  /** Sets the shapes of all tiles by a block of 64 bytes. */
  void loadTileConfiguration(Mem block) {
    tileVex(0, 0, block.isIndexExtended(), block.base().isExtended());
    code.append(0x49);
    modRm(0, block, 1);
  }

  /** Gives all tiles up, so that the system need not save them. */
  void releaseTiles() {
    tileVex(0, 0, false, false);
    code.append(0x49, modRm(0, 0));
  }

  void zero(Tile tile) {
    tileVex(3, 0, false, false);
    code.append(0x49, modRm(tile.number(), 0));
  }

  /** Loads rows that lie an index register's bytes apart. */
  void load(Tile to, Mem rows) {
    tileVex(3, 0, rows.isIndexExtended(), rows.base().isExtended());
    code.append(0x4B);
    modRm(to.number(), rows, 1);
  }

  /** The same with the hint that the rows are not needed again soon. */
  void loadPassing(Tile to, Mem rows) {
    tileVex(1, 0, rows.isIndexExtended(), rows.base().isExtended());
    code.append(0x4B);
    modRm(to.number(), rows, 1);
  }

  /** Stores rows an index register's bytes apart. */
  void store(Mem rows, Tile from) {
    tileVex(2, 0, rows.isIndexExtended(), rows.base().isExtended());
    code.append(0x4B);
    modRm(from.number(), rows, 1);
  }

  /** sums += unsigned signed, products of bytes four to a sum. */
  void multiplyAdd(Tile sums, Tile unsigned, Tile signed) {
    tileVex(1, signed.number(), false, false);
    code.append(0x5E, modRm(sums.number(), unsigned.number()));
  }

  /** All of them are of map 0F38 with vectors of 128 bits, by the prefix. */
  private void tileVex(int prefix, int second, boolean x, boolean b) {
    code.append(0xC4, 0x80 | (x ? 0 : 0x40) | (b ? 0 : 0x20) | 2, (~second & 15) << 3 | prefix);
  }

  // Encoding.

  private void registers(Op op, int reg, int second, Vec rm) {
    registers(op, reg, second, rm, Mask.K0);
  }

  private void registers(Op op, int reg, int second, Vec rm, Mask mask) {
    if (isa == Isa.AVX512) {
      evex(op, reg, second, rm.bit4(), rm.bit3(), mask, false, false);
    } else {
      vex(op, reg, second, false, rm.bit3());
    }
    code.append(op.opcode, modRm(reg & 7, rm.low()));
  }

  private void memory(
      Op op, int reg, int second, Mem rm, Mask mask, boolean zeroing, boolean broadcasts) {
    boolean x = rm.isIndexExtended();
    boolean b = rm.base().isExtended();
    int scale = 1;
    if (isa == Isa.AVX512) {
      evex(op, reg, second, x, b, mask, zeroing, broadcasts);
      scale = op.operandBytes(isa.vectorBytes(), broadcasts);
    } else if (mask != Mask.K0 || broadcasts) {
      throw new IllegalArgumentException("masks and broadcasts need AVX-512");
    } else {
      vex(op, reg, second, x, b);
    }
    code.append(op.opcode);
    modRm(reg & 7, rm, scale);
  }

  private void vex(Op op, int reg, int second, boolean x, boolean b) {
    if ((reg | second) > 15) {
      throw new IllegalArgumentException("AVX2 has 16 registers");
    }
    int last = (~second & 15) << 3 | 4 | op.prefix;
    if (!x && !b && op.map == 1) {
      code.append(0xC5, inverted(reg, 8, 0x80) | last);
    } else {
      code.append(0xC4, inverted(reg, 8, 0x80) | (x ? 0 : 0x40) | (b ? 0 : 0x20) | op.map, last);
    }
  }

  private void evex(
      Op op,
      int reg,
      int second,
      boolean x,
      boolean b,
      Mask mask,
      boolean zeroing,
      boolean broadcasts) {
    code.append(
        0x62,
        inverted(reg, 8, 0x80) | (x ? 0 : 0x40) | (b ? 0 : 0x20) | inverted(reg, 16, 0x10) | op.map,
        (~second & 15) << 3 | 4 | op.prefix,
        (zeroing ? 0x80 : 0)
            | 0x40
            | (broadcasts ? 0x10 : 0)
            | inverted(second, 16, 8)
            | mask.number());
  }

  /** {@code bit} unless the register's number has it: prefixes hold such bits inverted. */
  private static int inverted(int register, int numberBit, int bit) {
    return (register & numberBit) != 0 ? 0 : bit;
  }

  private void immediate(int operation, Gp to, int value) {
    rex(Gp.RAX, to);
    if (value == (byte) value) {
      code.append(0x83, modRm(operation, to.low()), value);
    } else {
      code.append(0x81, modRm(operation, to.low()));
      code.appendInt(value);
    }
  }

  private void direct(int opcode, Gp reg, Gp rm) {
    rex(reg, rm);
    code.append(opcode, modRm(reg.low(), rm.low()));
  }

  private void indirect(int opcode, Gp reg, Mem rm) {
    code.append(
        REX_W
            | (reg.isExtended() ? 4 : 0)
            | (rm.isIndexExtended() ? 2 : 0)
            | (rm.base().isExtended() ? 1 : 0),
        opcode);
    modRm(reg.low(), rm, 1);
  }

  private void rex(Gp reg, Gp rm) {
    code.append(REX_W | (reg.isExtended() ? 4 : 0) | (rm.isExtended() ? 1 : 0));
  }

  private static int modRm(int reg, int rm) {
    return 0xC0 | reg << 3 | rm;
  }

  /** ModRM, SIB and displacement; one byte of displacement counts in units of {@code scale}. */
  private void modRm(int reg, Mem m, int scale) {
    int base = m.base().low();
    boolean needsSib = m.index() != null || base == Gp.RSP.low();
    int scaled = m.displacement() / scale;
    boolean isShort = m.displacement() % scale == 0 && scaled == (byte) scaled;
    int mod = m.displacement() == 0 && base != Gp.RBP.low() ? 0 : isShort ? 1 : 2;
    code.append(mod << 6 | reg << 3 | (needsSib ? Gp.RSP.low() : base));
    if (needsSib) {
      int index = m.index() == null ? Gp.RSP.low() : m.index().low();
      code.append(Integer.numberOfTrailingZeros(m.scale()) << 6 | index << 3 | base);
    }
    if (mod == 1) {
      code.append(scaled);
    } else if (mod == 2) {
      code.appendInt(m.displacement());
    }
  }
}
