package io.lockstep.runtime.kernel.jit;

import static io.lockstep.runtime.kernel.jit.Mem.mem;
import static io.lockstep.runtime.kernel.jit.Vec.v;

import io.lockstep.runtime.kernel.jit.Assembler.Condition;
import java.util.List;
import java.util.function.Consumer;

/**
 * What kernels over rows of floats have in common: a loop over rows, passes over a row in chunks of
 * sixteen elements with a masked rest, and sums of which element i is in partial sum {@code i %
 * 16}.
 */
abstract class RowGenerator {

  static final int ROWS_SLOT = 0;
  static final int X_SLOT = 1;
  static final int Y_SLOT = 2;

  /** Bytes from one row to the next, of x and of y. */
  static final int STRIDE_SLOT = 3;

  /** Whole chunks of a row. */
  static final int CHUNKS_SLOT = 4;

  /** Elements behind them. */
  static final int REST_SLOT = 5;

  /** The masks of the vectors of the rest, as {@link ConstantPool#mask} makes them. */
  static final int MASKS_SLOT = 6;

  static final int CONSTANTS_SLOT = 8;

  /** Two floats for expressions. */
  static final int PARAMETERS_SLOT = 9;

  /** Floats of a row's length, or 0. */
  static final int GAMMA_SLOT = 10;

  static final int BETA_SLOT = 11;

  /** Elements of a chunk, in one vector or in two. */
  static final int CHUNK = 16;

  static final Gp PARAMETERS = Gp.RDI;
  static final Gp X = Gp.RSI;
  static final Gp Y = Gp.RDX;
  static final Gp CONSTANTS = Gp.R8;
  static final Gp OFFSET = Gp.R9;
  private static final Gp ROWS = Gp.RCX;
  private static final Gp COUNT = Gp.R10;
  private static final Gp SCRATCH = Gp.RAX;

  final Assembler asm;
  final Isa isa;

  /** Vectors of a chunk. */
  final int vectors;

  RowGenerator(Isa isa) {
    this.asm = new Assembler(isa);
    this.isa = isa;
    this.vectors = CHUNK / isa.lanes();
  }

  /** Writes what is done once, such as loading registers that rows leave alone. */
  void beforeRows() {
    // most need nothing
  }

  /** Writes what happens to one row at {@link #X} and {@link #Y}. */
  abstract void row();

  /** The constants that the kernel reads. */
  abstract List<Integer> constants();

  NativeKernel generate() {
    Label turn = new Label();
    Label done = new Label();
    asm.mov(ROWS, Parameters.at(PARAMETERS, ROWS_SLOT));
    asm.mov(X, Parameters.at(PARAMETERS, X_SLOT));
    asm.mov(Y, Parameters.at(PARAMETERS, Y_SLOT));
    asm.mov(CONSTANTS, Parameters.at(PARAMETERS, CONSTANTS_SLOT));
    if (isa == Isa.AVX512) {
      asm.mov(SCRATCH, Parameters.at(PARAMETERS, MASKS_SLOT));
      asm.kmovw(Mask.K1, SCRATCH);
    }
    asm.test(ROWS, ROWS);
    asm.jump(Condition.ZERO, done);
    beforeRows();
    asm.bind(turn);
    row();
    asm.add(X, Parameters.at(PARAMETERS, STRIDE_SLOT));
    asm.add(Y, Parameters.at(PARAMETERS, STRIDE_SLOT));
    asm.sub(ROWS, 1);
    asm.jump(Condition.NOT_ZERO, turn);
    asm.bind(done);
    asm.vzeroupper();
    asm.ret();
    return new NativeKernel(asm.toByteArray());
  }

  /**
   * One vector of a chunk.
   *
   * @param chunk of those that a turn of the loop goes through
   * @param isRest whether not all its elements are there
   */
  record Part(int chunk, int vector, boolean isRest) {}

  /** Writes a pass over the row. */
  final void pass(Consumer<Part> body) {
    pass(1, body);
  }

  /** Writes a pass over the row, several chunks a turn where there are as many. */
  final void pass(int chunks, Consumer<Part> body) {
    Label rest = new Label();
    Label done = new Label();
    asm.mov(OFFSET, 0);
    asm.mov(COUNT, Parameters.at(PARAMETERS, CHUNKS_SLOT));
    if (chunks > 1) {
      turns(chunks, body);
    }
    asm.test(COUNT, COUNT);
    asm.jump(Condition.ZERO, rest);
    turns(1, body);
    asm.bind(rest);
    asm.mov(COUNT, Parameters.at(PARAMETERS, REST_SLOT));
    asm.test(COUNT, COUNT);
    asm.jump(Condition.ZERO, done);
    for (int i = 0; i < vectors; i++) {
      if (isa == Isa.AVX2) {
        asm.mov(SCRATCH, Parameters.at(PARAMETERS, MASKS_SLOT + i));
        asm.load(mask(), mem(SCRATCH, 0));
      }
      body.accept(new Part(0, i, true));
    }
    asm.bind(done);
  }

  /** Goes through as many times so many chunks as are left. */
  private void turns(int chunks, Consumer<Part> body) {
    Label turn = new Label();
    Label left = new Label();
    asm.sub(COUNT, chunks);
    asm.jump(Condition.LESS, left);
    asm.bind(turn);
    for (int chunk = 0; chunk < chunks; chunk++) {
      for (int i = 0; i < vectors; i++) {
        body.accept(new Part(chunk, i, false));
      }
    }
    asm.add(OFFSET, chunks * CHUNK * Float.BYTES);
    asm.sub(COUNT, chunks);
    asm.jump(Condition.GREATER_OR_EQUAL, turn);
    asm.bind(left);
    asm.add(COUNT, chunks);
  }

  /** AVX2: the mask of the vector of the rest. */
  final Vec mask() {
    return v(isa.registers() - 1);
  }

  final Mem at(Gp base, Part part) {
    int offset = part.chunk() * CHUNK * Float.BYTES + part.vector() * isa.vectorBytes();
    return mem(base, OFFSET, 1, offset);
  }

  /** Loads a vector; elements that are not there are zeros. */
  final void load(Vec to, Gp base, Part part) {
    if (!part.isRest()) {
      asm.load(to, at(base, part));
    } else if (isa == Isa.AVX512) {
      asm.load(to, at(base, part), Mask.K1);
    } else {
      asm.load(to, at(base, part), mask());
    }
  }

  final void store(Gp base, Vec from, Part part) {
    if (!part.isRest()) {
      asm.store(at(base, part), from);
    } else if (isa == Isa.AVX512) {
      asm.store(at(base, part), from, Mask.K1);
    } else {
      asm.store(at(base, part), from, mask());
    }
  }

  /** Puts {@code other} in place of elements that are not there. */
  final void fillRest(Vec value, Vec other, Part part) {
    if (!part.isRest()) {
      return;
    }
    if (isa == Isa.AVX512) {
      asm.select(value, Mask.K1, value, other);
    } else {
      asm.select(value, mask(), value, other);
    }
  }

  /**
   * Combines the partial results in vectors from {@code first} on as a balanced tree; afterwards
   * every lane of the first holds the result.
   */
  final void combine(Op op, Vec first, Vec temporary) {
    if (isa == Isa.AVX512) {
      asm.swapHalves(temporary, first);
      asm.op(op, first, first, temporary);
      asm.swapFours(temporary, first);
      asm.op(op, first, first, temporary);
    } else {
      asm.op(op, first, first, v(first.number() + 1));
      asm.swapHalves(temporary, first);
      asm.op(op, first, first, temporary);
    }
    asm.permuteFours(temporary, first, 0x4E);
    asm.op(op, first, first, temporary);
    asm.permuteFours(temporary, first, 0xB1);
    asm.op(op, first, first, temporary);
  }
}
