package io.lockstep.runtime.kernel.jit;

import static io.lockstep.runtime.kernel.jit.Mem.mem;
import static io.lockstep.runtime.kernel.jit.Vec.v;

import io.lockstep.runtime.kernel.jit.Assembler.Condition;

/** Writes loops that move rows of elements (AVX-512). */
final class CopyGenerator {

  /** What moves. */
  enum Form {
    /** Words, from neighbours to neighbours. */
    WORDS,
    /** Words from a table of places. */
    GATHERED_WORDS,
    /** Bytes from a table of places; reads the three bytes behind each as well. */
    GATHERED_BYTES
  }

  static final int ROWS = 0;

  /** Whole vectors of a row. */
  static final int VECTORS = 1;

  /** Bits of the words behind them. */
  static final int REST = 2;

  /** Address of int32 [words], offsets in bytes. */
  static final int PLACES = 3;

  static final int FROM = 4;
  static final int TO = 5;
  static final int FROM_STRIDE = 6;
  static final int TO_STRIDE = 7;

  private static final Gp PARAMETERS = Gp.RDI;
  private static final Gp ROW_FROM = Gp.RSI;
  private static final Gp ROW_TO = Gp.RDX;
  private static final Gp COUNT = Gp.RCX;
  private static final Gp ROWS_LEFT = Gp.R8;
  private static final Gp SOURCE = Gp.R9;
  private static final Gp TARGET = Gp.R10;
  private static final Gp MASK = Gp.RAX;
  private static final Gp ALL = Gp.R11;
  private static final Vec OFFSETS = v(0);
  private static final Vec WORDS = v(1);

  private final Assembler asm = new Assembler(Isa.AVX512);
  private final boolean gathers;
  private final boolean toBytes;

  private CopyGenerator(Form form) {
    this.gathers = form != Form.WORDS;
    this.toBytes = form == Form.GATHERED_BYTES;
  }

  static NativeKernel generate(Form form) {
    return new NativeKernel(new CopyGenerator(form).code());
  }

  private byte[] code() {
    Label row = new Label();
    Label turn = new Label();
    Label rest = new Label();
    Label next = new Label();
    asm.mov(ROWS_LEFT, Parameters.at(PARAMETERS, ROWS));
    asm.mov(ROW_FROM, Parameters.at(PARAMETERS, FROM));
    asm.mov(ROW_TO, Parameters.at(PARAMETERS, TO));
    asm.mov(MASK, Parameters.at(PARAMETERS, REST));
    asm.mov(ALL, -1);
    asm.bind(row);
    if (gathers) {
      asm.mov(SOURCE, Parameters.at(PARAMETERS, PLACES));
    } else {
      asm.mov(SOURCE, ROW_FROM);
    }
    asm.mov(TARGET, ROW_TO);
    asm.mov(COUNT, Parameters.at(PARAMETERS, VECTORS));
    asm.test(COUNT, COUNT);
    asm.jump(Condition.ZERO, rest);
    asm.bind(turn);
    load(ALL, Mask.K0);
    store(Mask.K0);
    asm.add(SOURCE, Isa.AVX512.vectorBytes());
    asm.add(TARGET, toBytes ? Isa.AVX512.lanes() : Isa.AVX512.vectorBytes());
    asm.sub(COUNT, 1);
    asm.jump(Condition.NOT_ZERO, turn);
    asm.bind(rest);
    asm.test(MASK, MASK);
    asm.jump(Condition.ZERO, next);
    asm.kmovw(Mask.K2, MASK);
    load(MASK, Mask.K2);
    store(Mask.K2);
    asm.bind(next);
    asm.add(ROW_FROM, Parameters.at(PARAMETERS, FROM_STRIDE));
    asm.add(ROW_TO, Parameters.at(PARAMETERS, TO_STRIDE));
    asm.sub(ROWS_LEFT, 1);
    asm.jump(Condition.NOT_ZERO, row);
    asm.vzeroupper();
    asm.ret();
    return asm.toByteArray();
  }

  private void store(Mask mask) {
    if (toBytes) {
      asm.storeBytes(mem(TARGET, 0), WORDS, mask);
    } else if (mask == Mask.K0) {
      asm.store(mem(TARGET, 0), WORDS);
    } else {
      asm.store(mem(TARGET, 0), WORDS, mask);
    }
  }

  /** Loads a vector of words; those that {@code lanes} leaves out are not touched. */
  private void load(Gp lanes, Mask mask) {
    Vec to = gathers ? OFFSETS : WORDS;
    if (mask == Mask.K0) {
      asm.load(to, mem(SOURCE, 0));
    } else {
      asm.load(to, mem(SOURCE, 0), mask);
    }
    if (gathers) {
      asm.kmovw(Mask.K1, lanes);
      asm.gather(WORDS, Mask.K1, ROW_FROM, OFFSETS, 0);
    }
  }
}
