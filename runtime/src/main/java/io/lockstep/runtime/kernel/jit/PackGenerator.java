package io.lockstep.runtime.kernel.jit;

import static io.lockstep.runtime.kernel.jit.Mem.mem;
import static io.lockstep.runtime.kernel.jit.Vec.v;

import io.lockstep.runtime.kernel.jit.Assembler.Condition;

/** Writes kernels that bring a matrix of floats into the order of a panel. */
final class PackGenerator {

  static final int FROM_SLOT = 0;

  /** Bytes from one row of the source to the next. */
  static final int STRIDE_SLOT = 1;

  static final int TO_SLOT = 2;

  /** Turns of the loop: rows of the panel, or fours of them. */
  static final int COUNT_SLOT = 3;

  /** Masks of the vectors of a row, as {@link ConstantPool#mask} makes them. */
  static final int MASKS_SLOT = 4;

  /** Transposing: bytes from one row of the result to the next. */
  static final int TO_STRIDE_SLOT = 6;

  /** Rows of the result that a turn of the transposing kernel fills. */
  static final int TRANSPOSED = 4;

  private static final Gp PARAMETERS = Gp.RDI;
  private static final Gp STRIDE = Gp.RSI;
  private static final Gp STRIDE_3 = Gp.RDX;
  private static final Gp TO = Gp.RAX;
  private static final Gp COUNT = Gp.RCX;

  /** Takes the place of the parameters once they are read. */
  private static final Gp TO_STRIDE = PARAMETERS;

  private static final Gp TO_STRIDE_3 = Gp.RBX;

  /** Every fourth row of the source. */
  private static final Gp[] FROM = {Gp.R8, Gp.R9, Gp.R10, Gp.R11};

  private final Assembler asm;
  private final Isa isa;

  private PackGenerator(Isa isa) {
    this.asm = new Assembler(isa);
    this.isa = isa;
  }

  /** Copies rows whose columns are those of the panel, masked where there are fewer. */
  static NativeKernel copying(Isa isa) {
    return new NativeKernel(new PackGenerator(isa).copy());
  }

  /**
   * Makes columns of as many rows as a vector has lanes: four elements of each row a turn, from
   * which four vectors become rows of the result.
   */
  static NativeKernel transposing(Isa isa) {
    return new NativeKernel(new PackGenerator(isa).transpose());
  }

  private byte[] copy() {
    Label turn = new Label();
    start();
    for (int i = 0; i < TileShape.PANEL_VECTORS; i++) {
      asm.mov(TO, Parameters.at(PARAMETERS, MASKS_SLOT + i));
      if (isa == Isa.AVX512) {
        asm.kmovw(mask(i), TO);
      } else {
        asm.load(maskVector(i), mem(TO, 0));
      }
    }
    asm.mov(TO, Parameters.at(PARAMETERS, TO_SLOT));
    asm.bind(turn);
    for (int i = 0; i < TileShape.PANEL_VECTORS; i++) {
      Mem from = mem(FROM[0], i * isa.vectorBytes());
      if (isa == Isa.AVX512) {
        asm.load(v(i), from, mask(i));
      } else {
        asm.load(v(i), from, maskVector(i));
      }
      asm.store(mem(TO, i * isa.vectorBytes()), v(i));
    }
    asm.add(FROM[0], STRIDE);
    asm.add(TO, TileShape.PANEL_VECTORS * isa.vectorBytes());
    asm.sub(COUNT, 1);
    asm.jump(Condition.NOT_ZERO, turn);
    asm.vzeroupper();
    asm.ret();
    return asm.toByteArray();
  }

  private byte[] transpose() {
    Label turn = new Label();
    int groups = isa.lanes() / TRANSPOSED;
    asm.push(TO_STRIDE_3);
    start();
    asm.mov(TO_STRIDE, Parameters.at(PARAMETERS, TO_STRIDE_SLOT));
    asm.lea(TO_STRIDE_3, mem(TO_STRIDE, TO_STRIDE, 2, 0));
    asm.lea(STRIDE_3, mem(STRIDE, STRIDE, 2, 0));
    for (int group = 1; group < groups; group++) {
      asm.lea(FROM[group], mem(FROM[group - 1], STRIDE, 4, 0));
    }
    asm.bind(turn);
    for (int row = 0; row < TRANSPOSED; row++) {
      asm.op(Op.BROADCASTF32X4, v(row), row(0, row));
      for (int group = 1; group < groups; group++) {
        asm.insertFour(v(row), v(row), row(group, row), group);
      }
    }
    asm.op(Op.UNPCKLPS, v(4), v(0), v(1));
    asm.op(Op.UNPCKHPS, v(5), v(0), v(1));
    asm.op(Op.UNPCKLPS, v(6), v(2), v(3));
    asm.op(Op.UNPCKHPS, v(7), v(2), v(3));
    for (int row = 0; row < TRANSPOSED; row++) {
      asm.shuffle(v(0), v(4 + row / 2), v(6 + row / 2), row % 2 == 0 ? 0x44 : 0xEE);
      asm.store(toRow(row), v(0));
    }
    for (int group = 0; group < groups; group++) {
      asm.add(FROM[group], TRANSPOSED * Float.BYTES);
    }
    asm.lea(TO, mem(TO, TO_STRIDE, TRANSPOSED, 0));
    asm.sub(COUNT, 1);
    asm.jump(Condition.NOT_ZERO, turn);
    asm.vzeroupper();
    asm.pop(TO_STRIDE_3);
    asm.ret();
    return asm.toByteArray();
  }

  private static Mem toRow(int row) {
    return switch (row) {
      case 0 -> mem(TO, 0);
      case 3 -> mem(TO, TO_STRIDE_3, 1, 0);
      default -> mem(TO, TO_STRIDE, row, 0);
    };
  }

  private static Mem row(int group, int row) {
    return switch (row) {
      case 0 -> mem(FROM[group], 0);
      case 3 -> mem(FROM[group], STRIDE_3, 1, 0);
      default -> mem(FROM[group], STRIDE, row, 0);
    };
  }

  private void start() {
    asm.mov(FROM[0], Parameters.at(PARAMETERS, FROM_SLOT));
    asm.mov(STRIDE, Parameters.at(PARAMETERS, STRIDE_SLOT));
    asm.mov(TO, Parameters.at(PARAMETERS, TO_SLOT));
    asm.mov(COUNT, Parameters.at(PARAMETERS, COUNT_SLOT));
  }

  private static Mask mask(int vector) {
    return vector == 0 ? Mask.K1 : Mask.K2;
  }

  private static Vec maskVector(int vector) {
    return v(TileShape.PANEL_VECTORS + vector);
  }
}
