package io.lockstep.runtime.kernel.jit;

import static io.lockstep.runtime.kernel.jit.Mem.mem;
import static io.lockstep.runtime.kernel.jit.Vec.v;

import io.lockstep.runtime.kernel.jit.Assembler.Condition;

/** Writes kernels that bring matrices of bytes into the order of a panel and sum its columns. */
final class QuantPackGenerator {

  /** Bytes [rows, panel columns]; of {@link #summing}, the panel itself. */
  static final int FROM_SLOT = 0;

  /** Bytes from one row of the source to the next. */
  static final int STRIDE_SLOT = 1;

  static final int TO_SLOT = 2;

  /** Steps of the panel, 1 or more. */
  static final int COUNT_SLOT = 3;

  /** A word whose bits are turned around in each word of elements. */
  static final int FLIP_SLOT = 4;

  /** Four bytes of 1. */
  static final int ONES_SLOT = 5;

  /** int32 [panel columns], which each column's elements are added to. */
  static final int SUMS_SLOT = 6;

  /** int32 [panel columns], which are taken from each column's elements. */
  static final int LESS_SLOT = 7;

  private static final Gp PARAMETERS = Gp.RDI;
  private static final Gp STRIDE = Gp.RSI;
  private static final Gp STRIDE_3 = Gp.RDX;
  private static final Gp TO = Gp.RAX;
  private static final Gp COUNT = Gp.RCX;
  private static final Gp FROM = Gp.R8;
  private static final Gp SUMS = Gp.R9;
  private static final Gp LESS = Gp.R10;

  private static final int VECTORS = TileShape.PANEL_VECTORS;

  private final Assembler asm;
  private final Isa isa;
  private final Label turn = new Label();

  private QuantPackGenerator(Isa isa) {
    this.asm = new Assembler(isa);
    this.isa = isa;
  }

  /** Four rows of bytes become a step of words. */
  static NativeKernel interleaving(Isa isa) {
    return new NativeKernel(new QuantPackGenerator(isa).interleave());
  }

  /** Flips the bytes of a panel and sums its columns as signed bytes, by dot products with 1. */
  static NativeKernel summing(Isa isa) {
    return new NativeKernel(new QuantPackGenerator(isa).sum());
  }

  /** Two rows of bytes become a step of 16-bit integers: flipped, lessened, and summed as such. */
  static NativeKernel pairing(Isa isa) {
    return new NativeKernel(new QuantPackGenerator(isa).pair());
  }

  private byte[] interleave() {
    startMoving();
    asm.lea(STRIDE_3, mem(STRIDE, STRIDE, 2, 0));
    asm.bind(turn);
    for (int vector = 0; vector < VECTORS; vector++) {
      int column = vector * isa.lanes();
      asm.op(Op.PMOVZXBD, v(0), mem(FROM, column));
      asm.op(Op.PMOVZXBD, v(1), mem(FROM, STRIDE, 1, column));
      asm.op(Op.PMOVZXBD, v(2), mem(FROM, STRIDE, 2, column));
      asm.op(Op.PMOVZXBD, v(3), mem(FROM, STRIDE_3, 1, column));
      for (int row = 1; row < 4; row++) {
        asm.shiftLeft(v(row), v(row), row * Byte.SIZE);
        asm.op(Op.ORPS, v(0), v(0), v(row));
      }
      asm.store(mem(TO, vector * isa.vectorBytes()), v(0));
    }
    asm.lea(FROM, mem(FROM, STRIDE, 4, 0));
    asm.add(TO, VECTORS * isa.vectorBytes());
    return end();
  }

  private byte[] sum() {
    Vec ones = v(VECTORS);
    Vec flip = v(VECTORS + 1);
    Vec bytes = v(VECTORS + 2);
    asm.mov(FROM, Parameters.at(PARAMETERS, FROM_SLOT));
    asm.mov(COUNT, Parameters.at(PARAMETERS, COUNT_SLOT));
    asm.broadcast(ones, Parameters.at(PARAMETERS, ONES_SLOT));
    loadFlipAndSums(flip);
    asm.bind(turn);
    for (int vector = 0; vector < VECTORS; vector++) {
      Mem step = mem(FROM, vector * isa.vectorBytes());
      asm.op(Op.XORPS, bytes, flip, step);
      asm.store(step, bytes);
      asm.op(Op.PDPBUSD, v(vector), ones, bytes);
    }
    asm.add(FROM, VECTORS * isa.vectorBytes());
    return endStoringSums();
  }

  private byte[] pair() {
    Vec flip = v(2 * VECTORS);
    Vec low = v(2 * VECTORS + 1);
    Vec high = v(2 * VECTORS + 2);
    startMoving();
    loadFlipAndSums(flip);
    asm.mov(LESS, Parameters.at(PARAMETERS, LESS_SLOT));
    for (int vector = 0; vector < VECTORS; vector++) {
      asm.load(v(VECTORS + vector), mem(LESS, vector * isa.vectorBytes()));
    }
    asm.bind(turn);
    for (int vector = 0; vector < VECTORS; vector++) {
      int column = vector * isa.lanes();
      asm.op(Op.PMOVZXBD, low, mem(FROM, column));
      asm.op(Op.PMOVZXBD, high, mem(FROM, STRIDE, 1, column));
      for (Vec element : new Vec[] {low, high}) {
        asm.op(Op.XORPS, element, element, flip);
        asm.op(Op.PSUBD, element, element, v(VECTORS + vector));
        asm.op(Op.PADDD, v(vector), v(vector), element);
        asm.shiftLeft(element, element, Short.SIZE);
      }
      asm.shiftRightLogical(low, low, Short.SIZE);
      asm.op(Op.ORPS, low, low, high);
      asm.store(mem(TO, vector * isa.vectorBytes()), low);
    }
    asm.lea(FROM, mem(FROM, STRIDE, 2, 0));
    asm.add(TO, VECTORS * isa.vectorBytes());
    return endStoringSums();
  }

  private void startMoving() {
    asm.mov(FROM, Parameters.at(PARAMETERS, FROM_SLOT));
    asm.mov(STRIDE, Parameters.at(PARAMETERS, STRIDE_SLOT));
    asm.mov(TO, Parameters.at(PARAMETERS, TO_SLOT));
    asm.mov(COUNT, Parameters.at(PARAMETERS, COUNT_SLOT));
  }

  /** The sums go into the first vectors. */
  private void loadFlipAndSums(Vec flip) {
    asm.broadcast(flip, Parameters.at(PARAMETERS, FLIP_SLOT));
    asm.mov(SUMS, Parameters.at(PARAMETERS, SUMS_SLOT));
    for (int vector = 0; vector < VECTORS; vector++) {
      asm.load(v(vector), mem(SUMS, vector * isa.vectorBytes()));
    }
  }

  private byte[] endStoringSums() {
    asm.sub(COUNT, 1);
    asm.jump(Condition.NOT_ZERO, turn);
    for (int vector = 0; vector < VECTORS; vector++) {
      asm.store(mem(SUMS, vector * isa.vectorBytes()), v(vector));
    }
    asm.vzeroupper();
    asm.ret();
    return asm.toByteArray();
  }

  private byte[] end() {
    asm.sub(COUNT, 1);
    asm.jump(Condition.NOT_ZERO, turn);
    asm.vzeroupper();
    asm.ret();
    return asm.toByteArray();
  }
}
