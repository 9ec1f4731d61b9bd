package io.lockstep.runtime.kernel.jit;

import static io.lockstep.runtime.kernel.jit.Mem.mem;
import static io.lockstep.runtime.kernel.jit.Vec.v;

import io.lockstep.runtime.kernel.LaneStretches;
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
    GATHERED_BYTES,
    /** Words from a table of {@link LaneStretches}; reads a vector from each stretch's start on. */
    STRETCHES
  }

  static final int ROWS = 0;

  /** Whole vectors of a row. */
  static final int VECTORS = 1;

  /** Bits of the words behind them. */
  static final int REST = 2;

  /** Address of int32 [words], offsets in bytes, or of a table of stretches. */
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
  private static final Gp OFFSET = Gp.RBP;
  private static final Gp LANES = Gp.RBX;
  private static final Vec OFFSETS = v(0);
  private static final Vec WORDS = v(1);

  private final Assembler asm = new Assembler(Isa.AVX512);
  private final Form form;
  private final int stretches;

  private CopyGenerator(Form form, int stretches) {
    this.form = form;
    this.stretches = stretches;
  }

  static NativeKernel generate(Form form) {
    return new NativeKernel(new CopyGenerator(form, 0).code());
  }

  /** The form of that name, for vectors of so many stretches. */
  static NativeKernel generateStretches(int stretches) {
    return new NativeKernel(new CopyGenerator(Form.STRETCHES, stretches).code());
  }

  private byte[] code() {
    Label row = new Label();
    Label turn = new Label();
    Label rest = new Label();
    Label next = new Label();
    asm.push(OFFSET);
    asm.push(LANES);
    asm.mov(ROWS_LEFT, Parameters.at(PARAMETERS, ROWS));
    asm.mov(ROW_FROM, Parameters.at(PARAMETERS, FROM));
    asm.mov(ROW_TO, Parameters.at(PARAMETERS, TO));
    asm.mov(MASK, Parameters.at(PARAMETERS, REST));
    asm.mov(ALL, -1);
    asm.bind(row);
    if (form == Form.WORDS) {
      asm.mov(SOURCE, ROW_FROM);
    } else {
      asm.mov(SOURCE, Parameters.at(PARAMETERS, PLACES));
    }
    asm.mov(TARGET, ROW_TO);
    asm.mov(COUNT, Parameters.at(PARAMETERS, VECTORS));
    asm.test(COUNT, COUNT);
    asm.jump(Condition.ZERO, rest);
    asm.bind(turn);
    load(ALL, Mask.K0);
    store(Mask.K0);
    asm.add(
        SOURCE,
        form == Form.STRETCHES ? LaneStretches.entryByte(stretches) : Isa.AVX512.vectorBytes());
    asm.add(TARGET, form == Form.GATHERED_BYTES ? Isa.AVX512.lanes() : Isa.AVX512.vectorBytes());
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
    asm.pop(LANES);
    asm.pop(OFFSET);
    asm.ret();
    return asm.toByteArray();
  }

  private void store(Mask mask) {
    if (form == Form.GATHERED_BYTES) {
      asm.storeBytes(mem(TARGET, 0), WORDS, mask);
    } else if (mask == Mask.K0) {
      asm.store(mem(TARGET, 0), WORDS);
    } else {
      asm.store(mem(TARGET, 0), WORDS, mask);
    }
  }

  /** Loads a vector of words; those that {@code lanes} leaves out are not touched. */
  private void load(Gp lanes, Mask mask) {
    switch (form) {
      case WORDS -> loadTable(WORDS, mask);
      case GATHERED_WORDS, GATHERED_BYTES -> {
        loadTable(OFFSETS, mask);
        asm.kmovw(Mask.K1, lanes);
        asm.gather(WORDS, Mask.K1, ROW_FROM, OFFSETS, 0);
      }
      case STRETCHES -> loadStretches();
    }
  }

  private void loadTable(Vec to, Mask mask) {
    if (mask == Mask.K0) {
      asm.load(to, mem(SOURCE, 0));
    } else {
      asm.load(to, mem(SOURCE, 0), mask);
    }
  }

  private void loadStretches() {
    asm.load(OFFSETS, mem(SOURCE, 0));
    for (int i = 0; i < stretches; i++) {
      int entry = LaneStretches.entryByte(i);
      asm.mov(LANES, mem(SOURCE, entry + Long.BYTES));
      asm.mov(OFFSET, mem(SOURCE, entry));
      asm.kmovw(Mask.K1, LANES);
      asm.permute(WORDS, OFFSETS, mem(ROW_FROM, OFFSET, 1, 0), Mask.K1, i == 0);
    }
  }
}
