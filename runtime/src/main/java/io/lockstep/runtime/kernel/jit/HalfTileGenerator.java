package io.lockstep.runtime.kernel.jit;

import static io.lockstep.runtime.kernel.jit.Mem.mem;
import static io.lockstep.runtime.kernel.jit.Vec.v;

import io.lockstep.runtime.kernel.jit.Assembler.Condition;

/**
 * Writes kernels that multiply a few rows of floats with a panel of 16-bit floats, which are
 * widened in registers without loss. An element is one chain of fused multiply-adds in ascending k,
 * whatever tile it is in.
 */
final class HalfTileGenerator {

  /** The first row of a. */
  static final int A_SLOT = 0;

  /** Bytes from one row of a to the next. */
  static final int A_STRIDE_SLOT = 1;

  /** The panel, from the first step on. */
  static final int W_SLOT = 2;

  static final int STEPS_SLOT = 3;

  /** The first result. */
  static final int C_SLOT = 4;

  /** Bytes from one row of results to the next. */
  static final int C_STRIDE_SLOT = 5;

  /** Whether sums start from the results rather than from zero. */
  static final int CONTINUES_SLOT = 6;

  /** Vectors of a panel. */
  static final int VECTORS = 4;

  /** Steps of the reduction in one turn of the loop. */
  private static final int UNROLL = 4;

  /** How far ahead weights are fetched: two pages, at whose ends the processor's own would stop. */
  private static final int AHEAD = 8192;

  private static final int LINE = 64;

  private static final Gp PARAMETERS = Gp.RDI;
  private static final Gp W = Gp.RSI;
  private static final Gp COUNT = Gp.RCX;
  private static final Gp A_STRIDE = Gp.RAX;

  /** Rows of a: the first three by way of the first register, the others of the second. */
  private static final Gp[] ROWS = {Gp.R8, Gp.R9};

  private static final Gp C = Gp.RDX;
  private static final Gp SCRATCH = Gp.R10;

  private final Assembler asm;
  private final Isa isa;
  private final HalfFormat format;
  private final int rows;
  private final boolean fetches;

  /**
   * A generator for one tile.
   *
   * @param fetches whether weights are fetched ahead
   */
  HalfTileGenerator(Isa isa, HalfFormat format, int rows, boolean fetches) {
    this.asm = new Assembler(isa);
    this.isa = isa;
    this.format = format;
    this.rows = rows;
    this.fetches = fetches;
    if (rows > mostRows(isa)) {
      throw new IllegalArgumentException(rows + " rows do not fit the registers");
    }
  }

  /** Rows of a tile for which the registers suffice: sums, a row's element each, one of w. */
  static int mostRows(Isa isa) {
    return (isa.registers() - 1) / (VECTORS + 1);
  }

  /** Columns of a panel. */
  static int columns(Isa isa) {
    return VECTORS * isa.lanes();
  }

  private int stepBytes() {
    return columns(isa) * Short.BYTES;
  }

  private Vec sum(int row, int vector) {
    return v(row * VECTORS + vector);
  }

  private Vec a(int row) {
    return v(rows * VECTORS + row);
  }

  private Vec w() {
    return v(rows * (VECTORS + 1));
  }

  NativeKernel generate() {
    asm.mov(W, Parameters.at(PARAMETERS, W_SLOT));
    asm.mov(A_STRIDE, Parameters.at(PARAMETERS, A_STRIDE_SLOT));
    asm.mov(ROWS[0], Parameters.at(PARAMETERS, A_SLOT));
    asm.lea(ROWS[1], mem(ROWS[0], A_STRIDE, 2, 0));
    asm.add(ROWS[1], A_STRIDE);
    begin();
    reduce();
    eachResult((sum, to) -> asm.store(to, sum));
    asm.vzeroupper();
    asm.ret();
    return new NativeKernel(asm.toByteArray());
  }

  private void begin() {
    Label fromZero = new Label();
    Label ready = new Label();
    asm.mov(SCRATCH, Parameters.at(PARAMETERS, CONTINUES_SLOT));
    asm.test(SCRATCH, SCRATCH);
    asm.jump(Condition.ZERO, fromZero);
    eachResult((sum, from) -> asm.load(sum, from));
    asm.jump(ready);
    asm.bind(fromZero);
    for (int i = 0; i < rows * VECTORS; i++) {
      asm.zero(v(i));
    }
    asm.bind(ready);
  }

  /** A vector of sums and where it belongs. */
  @FunctionalInterface
  private interface ResultMove {
    void move(Vec sum, Mem place);
  }

  private void eachResult(ResultMove body) {
    asm.mov(C, Parameters.at(PARAMETERS, C_SLOT));
    for (int row = 0; row < rows; row++) {
      for (int vector = 0; vector < VECTORS; vector++) {
        body.move(sum(row, vector), mem(C, vector * isa.vectorBytes()));
      }
      asm.add(C, Parameters.at(PARAMETERS, C_STRIDE_SLOT));
    }
  }

  private void reduce() {
    asm.mov(COUNT, Parameters.at(PARAMETERS, STEPS_SLOT));
    UnrolledLoop.write(asm, COUNT, UNROLL, () -> steps(UNROLL), () -> steps(1));
  }

  private void steps(int count) {
    for (int step = 0; step < count; step++) {
      step(step);
    }
    advance(count);
  }

  private void step(int step) {
    int at = step * stepBytes();
    for (int line = 0; fetches && line < stepBytes(); line += LINE) {
      asm.prefetch(mem(W, at + line + AHEAD));
    }
    for (int row = 0; row < rows; row++) {
      asm.broadcast(a(row), aElement(row, step));
    }
    for (int vector = 0; vector < VECTORS; vector++) {
      widen(mem(W, at + vector * isa.lanes() * Short.BYTES));
      for (int row = 0; row < rows; row++) {
        asm.op(Op.FMADD231PS, sum(row, vector), a(row), w());
      }
    }
  }

  private Mem aElement(int row, int step) {
    Gp base = ROWS[row / 3];
    int at = step * Float.BYTES;
    return row % 3 == 0 ? mem(base, at) : mem(base, A_STRIDE, row % 3, at);
  }

  private void widen(Mem halves) {
    switch (format) {
      case BINARY16 -> asm.op(Op.CVTPH2PS, w(), halves);
      case BRAIN -> {
        asm.op(Op.PMOVZXWD, w(), halves);
        asm.shiftLeft(w(), w(), Short.SIZE);
      }
    }
  }

  private void advance(int steps) {
    asm.add(W, steps * stepBytes());
    asm.add(ROWS[0], steps * Float.BYTES);
    asm.add(ROWS[1], steps * Float.BYTES);
  }
}
