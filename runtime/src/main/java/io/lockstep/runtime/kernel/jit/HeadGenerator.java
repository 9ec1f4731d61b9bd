package io.lockstep.runtime.kernel.jit;

import static io.lockstep.runtime.kernel.jit.Mem.mem;
import static io.lockstep.runtime.kernel.jit.Vec.v;

import io.lockstep.runtime.kernel.jit.Assembler.Condition;
import java.util.List;

/**
 * Writes kernels for the attention of one head (AVX-512). A tile of queries goes the whole way: its
 * scores with one panel of keys after the other, their exponentials, and the sums of values that
 * those weigh, divided by the sum of the exponentials at the end. Scores so stay in the cache, and
 * are written and read once between the steps.
 */
final class HeadGenerator {

  /** Queries of the largest tile, with {@link TileShape#PANEL_VECTORS} vectors of sums for each. */
  static final int MOST_ROWS = 14;

  /** Addresses; strides are in bytes. */
  static final int Q = 0;

  static final int Q_STRIDE = 1;

  /** Transposed panels, each [size, panel columns], one behind the other. */
  static final int K = 2;

  static final int SIZE = 3;

  /** Whole panels of keys. */
  static final int K_PANELS = 4;

  /** Whether a panel follows of which only the first vector counts. */
  static final int K_HALF = 5;

  /** Float per key, minus infinity where a vector is filled up. */
  static final int BIAS = 6;

  /** Two floats: the factor of scores, and 1. */
  static final int SCALE = 7;

  /** Floats [rows of a tile, vectors of a row of scores]. */
  static final int SCORES = 8;

  static final int SCORES_STRIDE = 9;

  /** Vectors of a row of scores. */
  static final int VECTORS = 10;

  /** Panels, each [keys, panel columns]. */
  static final int V = 11;

  static final int KEYS = 12;

  /** Whole panels of values. */
  static final int V_PANELS = 13;

  /** Masks of the vectors of a last panel that is not whole; the first is 0 where there is none. */
  static final int V_MASKS = 14;

  static final int Y = 16;
  static final int Y_STRIDE = 17;

  /** How many tiles below each other a call computes; {@link #Q} and {@link #Y} are moved on. */
  static final int TILES = 18;

  /** Bytes from a tile to the next. */
  static final int Q_TILE = 19;

  static final int Y_TILE = 20;
  static final int CONSTANTS_SLOT = 21;

  /** Float per row of a tile: the reciprocal of its sum of exponentials. */
  static final int FACTORS = 22;

  /**
   * Four addresses: the rows of q, keys, values and y that stand beside those of this head. A line
   * of each is fetched for each query, since heads side by side lie in pieces too short for the
   * processor to see them coming. They are moved on.
   */
  static final int NEXT = 23;

  /** Bytes between the rows at {@link #NEXT}, in the same order. */
  static final int NEXT_STRIDES = 27;

  /** Bytes of such a row. */
  static final int NEXT_BYTES = 31;

  private static final int UNROLL = 4;
  private static final int VECTOR_BYTES = 64;
  private static final int PANEL_BYTES = TileShape.PANEL_VECTORS * VECTOR_BYTES;

  private static final Gp PARAMETERS = Gp.RDI;
  private static final Gp STRIDE = Gp.RAX;
  private static final Gp B = Gp.RSI;
  private static final Gp COUNT = Gp.RCX;
  private static final Gp C = Gp.RDX;

  /** Every third row; the two behind it are reached by the stride. */
  private static final Gp[] ROWS = {Gp.R8, Gp.R9, Gp.R10, Gp.R11, Gp.R12};

  private static final Gp PANELS = Gp.R13;
  private static final Gp SCRATCH = Gp.R14;
  private static final Gp BIAS_AT = Gp.R15;
  private static final Gp CONSTANTS = Gp.RBX;
  private static final Gp[] SAVED = {Gp.RBX, Gp.R12, Gp.R13, Gp.R14, Gp.R15};

  // While exponentials are computed.
  private static final Gp X = Gp.R8;
  private static final Gp FACTOR_AT = Gp.R9;
  private static final Gp ROWS_LEFT = Gp.R10;
  private static final Gp AT = Gp.R11;
  private static final Gp[] NEXT_AT = {Gp.RAX, Gp.RSI, Gp.R12, Gp.R13};
  private static final Vec MAXIMUM = v(31);
  private static final Vec SUM = v(30);
  private static final int EXPRESSION_REGISTERS = 30;
  private static final int MAXIMA = 4;

  private final Assembler asm = new Assembler(Isa.AVX512);
  private final int rows;
  private final ExpressionWriter exp;

  HeadGenerator(int rows) {
    this.rows = rows;
    this.exp =
        new ExpressionWriter(
            asm,
            new Functions(Isa.AVX512).exp(new Expression.Input(0)),
            CONSTANTS,
            Parameters.at(PARAMETERS, SCALE));
  }

  /** The constants that the kernel reads. */
  List<Integer> constants() {
    return exp.constants();
  }

  NativeKernel generate() {
    for (Gp register : SAVED) {
      asm.push(register);
    }
    Label tile = new Label();
    asm.mov(CONSTANTS, Parameters.at(PARAMETERS, CONSTANTS_SLOT));
    asm.bind(tile);
    scores();
    exponentials();
    values();
    moveOn(Q, Q_TILE);
    moveOn(Y, Y_TILE);
    asm.mov(SCRATCH, Parameters.at(PARAMETERS, TILES));
    asm.sub(SCRATCH, 1);
    asm.mov(Parameters.at(PARAMETERS, TILES), SCRATCH);
    asm.jump(Condition.NOT_ZERO, tile);
    asm.vzeroupper();
    for (Gp register : List.of(SAVED).reversed()) {
      asm.pop(register);
    }
    asm.ret();
    return new NativeKernel(asm.toByteArray());
  }

  private void moveOn(int slot, int step) {
    asm.mov(SCRATCH, Parameters.at(PARAMETERS, slot));
    asm.add(SCRATCH, Parameters.at(PARAMETERS, step));
    asm.mov(Parameters.at(PARAMETERS, slot), SCRATCH);
  }

  private void scores() {
    asm.mov(B, Parameters.at(PARAMETERS, K));
    asm.mov(C, Parameters.at(PARAMETERS, SCORES));
    asm.mov(BIAS_AT, Parameters.at(PARAMETERS, BIAS));
    panels(
        K_PANELS,
        () -> {
          locate(Q, Q_STRIDE);
          multiply(TileShape.PANEL_VECTORS, SIZE);
          finishScores(TileShape.PANEL_VECTORS);
          asm.add(BIAS_AT, PANEL_BYTES);
        });
    unlessZero(
        K_HALF,
        () -> {
          locate(Q, Q_STRIDE);
          multiply(1, SIZE);
          finishScores(1);
        });
  }

  /** Writes what is done for each of some panels; {@link #C} goes from one to the next. */
  private void panels(int slot, Runnable body) {
    Label panel = new Label();
    Label none = new Label();
    asm.mov(PANELS, Parameters.at(PARAMETERS, slot));
    asm.test(PANELS, PANELS);
    asm.jump(Condition.ZERO, none);
    asm.bind(panel);
    body.run();
    asm.add(C, PANEL_BYTES);
    asm.sub(PANELS, 1);
    asm.jump(Condition.NOT_ZERO, panel);
    asm.bind(none);
  }

  private void unlessZero(int slot, Runnable body) {
    Label zero = new Label();
    asm.mov(SCRATCH, Parameters.at(PARAMETERS, slot));
    asm.test(SCRATCH, SCRATCH);
    asm.jump(Condition.ZERO, zero);
    body.run();
    asm.bind(zero);
  }

  /** Points to the rows of the left-hand side. */
  private void locate(int slot, int strideSlot) {
    asm.mov(STRIDE, Parameters.at(PARAMETERS, strideSlot));
    asm.mov(ROWS[0], Parameters.at(PARAMETERS, slot));
    for (int i = 1; i * 3 < rows; i++) {
      asm.lea(ROWS[i], mem(ROWS[i - 1], STRIDE, 2, 0));
      asm.add(ROWS[i], STRIDE);
    }
  }

  private Vec sum(int row, int vector) {
    return v(row * TileShape.PANEL_VECTORS + vector);
  }

  private Vec b(int vector) {
    return v(rows * TileShape.PANEL_VECTORS + vector);
  }

  private Vec temporary(int i) {
    return v((rows + 1) * TileShape.PANEL_VECTORS + i);
  }

  /** Multiplies the rows with the panel at {@link #B}, which is behind it afterwards. */
  private void multiply(int vectors, int stepsSlot) {
    for (int row = 0; row < rows; row++) {
      for (int vector = 0; vector < vectors; vector++) {
        asm.zero(sum(row, vector));
      }
    }
    asm.mov(COUNT, Parameters.at(PARAMETERS, stepsSlot));
    UnrolledLoop.write(asm, COUNT, UNROLL, () -> steps(vectors, UNROLL), () -> steps(vectors, 1));
  }

  private void steps(int vectors, int count) {
    for (int step = 0; step < count; step++) {
      for (int vector = 0; vector < vectors; vector++) {
        asm.load(b(vector), mem(B, step * PANEL_BYTES + vector * VECTOR_BYTES));
      }
      for (int row = 0; row < rows; row++) {
        Vec a = temporary(row % 2);
        Gp base = ROWS[row / 3];
        int at = step * Float.BYTES;
        asm.broadcast(a, row % 3 == 0 ? mem(base, at) : mem(base, STRIDE, row % 3, at));
        for (int vector = 0; vector < vectors; vector++) {
          asm.op(Op.FMADD231PS, sum(row, vector), a, b(vector));
        }
      }
    }
    for (int i = 0; i * 3 < rows; i++) {
      asm.add(ROWS[i], count * Float.BYTES);
    }
    asm.add(B, count * PANEL_BYTES);
  }

  private void finishScores(int vectors) {
    Vec scale = temporary(0);
    Vec bias = temporary(1);
    asm.broadcast(scale, Parameters.at(PARAMETERS, SCALE));
    for (int vector = 0; vector < vectors; vector++) {
      asm.load(bias, mem(BIAS_AT, vector * VECTOR_BYTES));
      for (int row = 0; row < rows; row++) {
        asm.op(Op.FMADD213PS, sum(row, vector), scale, bias);
      }
    }
    asm.mov(SCRATCH, C);
    for (int row = 0; row < rows; row++) {
      for (int vector = 0; vector < vectors; vector++) {
        asm.store(mem(SCRATCH, vector * VECTOR_BYTES), sum(row, vector));
      }
      asm.add(SCRATCH, Parameters.at(PARAMETERS, SCORES_STRIDE));
    }
  }

  /** Scores become e^(score - largest of the row); the reciprocals of their sums are noted. */
  private void exponentials() {
    Label row = new Label();
    Label turn = new Label();
    exp.hold(MAXIMA + 1, EXPRESSION_REGISTERS);
    asm.mov(X, Parameters.at(PARAMETERS, SCORES));
    asm.mov(FACTOR_AT, Parameters.at(PARAMETERS, FACTORS));
    asm.mov(ROWS_LEFT, rows);
    asm.bind(row);
    fetchNext();
    maximum();
    asm.zero(SUM);
    asm.mov(AT, X);
    asm.mov(COUNT, Parameters.at(PARAMETERS, VECTORS));
    asm.bind(turn);
    Vec e =
        exp.write(
            EXPRESSION_REGISTERS,
            (to, _) -> {
              asm.load(to, mem(AT, 0));
              asm.op(Op.SUBPS, to, to, MAXIMUM);
            });
    asm.store(mem(AT, 0), e);
    asm.op(Op.ADDPS, SUM, SUM, e);
    asm.add(AT, VECTOR_BYTES);
    asm.sub(COUNT, 1);
    asm.jump(Condition.NOT_ZERO, turn);
    combine(Op.ADDPS, SUM, v(0));
    asm.broadcast(v(0), mem(PARAMETERS, SCALE * Long.BYTES + Float.BYTES));
    asm.op(Op.DIVPS, v(0), v(0), SUM);
    asm.storeLane(mem(FACTOR_AT, 0), v(0));
    asm.add(FACTOR_AT, Float.BYTES);
    asm.add(X, Parameters.at(PARAMETERS, SCORES_STRIDE));
    asm.sub(ROWS_LEFT, 1);
    asm.jump(Condition.NOT_ZERO, row);
  }

  private void fetchNext() {
    Label line = new Label();
    for (int i = 0; i < NEXT_AT.length; i++) {
      asm.mov(NEXT_AT[i], Parameters.at(PARAMETERS, NEXT + i));
    }
    asm.mov(COUNT, Parameters.at(PARAMETERS, NEXT_BYTES));
    asm.bind(line);
    for (Gp next : NEXT_AT) {
      asm.prefetchSecondLevel(mem(next, COUNT, 1, -VECTOR_BYTES));
    }
    asm.sub(COUNT, VECTOR_BYTES);
    asm.jump(Condition.NOT_ZERO, line);
    for (int i = 0; i < NEXT_AT.length; i++) {
      asm.add(NEXT_AT[i], Parameters.at(PARAMETERS, NEXT_STRIDES + i));
      asm.mov(Parameters.at(PARAMETERS, NEXT + i), NEXT_AT[i]);
    }
  }

  /** The largest element of a row, in all lanes. */
  private void maximum() {
    Label turn = new Label();
    Label left = new Label();
    Label single = new Label();
    Label done = new Label();
    asm.mov(AT, X);
    for (int i = 0; i < MAXIMA; i++) {
      asm.load(v(i), mem(AT, 0));
    }
    asm.mov(COUNT, Parameters.at(PARAMETERS, VECTORS));
    asm.sub(COUNT, MAXIMA);
    asm.jump(Condition.LESS, left);
    asm.bind(turn);
    for (int i = 0; i < MAXIMA; i++) {
      asm.op(Op.MAXPS, v(i), v(i), mem(AT, i * VECTOR_BYTES));
    }
    asm.add(AT, MAXIMA * VECTOR_BYTES);
    asm.sub(COUNT, MAXIMA);
    asm.jump(Condition.GREATER_OR_EQUAL, turn);
    asm.bind(left);
    asm.add(COUNT, MAXIMA);
    asm.jump(Condition.ZERO, done);
    asm.bind(single);
    asm.op(Op.MAXPS, v(0), v(0), mem(AT, 0));
    asm.add(AT, VECTOR_BYTES);
    asm.sub(COUNT, 1);
    asm.jump(Condition.NOT_ZERO, single);
    asm.bind(done);
    asm.op(Op.MAXPS, v(0), v(0), v(1));
    asm.op(Op.MAXPS, v(2), v(2), v(3));
    asm.op(Op.MAXPS, MAXIMUM, v(0), v(2));
    combine(Op.MAXPS, MAXIMUM, v(0));
  }

  /** Combines all lanes as a balanced tree, the result in each. */
  private void combine(Op op, Vec lanes, Vec other) {
    asm.swapHalves(other, lanes);
    asm.op(op, lanes, lanes, other);
    asm.swapFours(other, lanes);
    asm.op(op, lanes, lanes, other);
    asm.permuteFours(other, lanes, 0x4E);
    asm.op(op, lanes, lanes, other);
    asm.permuteFours(other, lanes, 0xB1);
    asm.op(op, lanes, lanes, other);
  }

  private void values() {
    asm.mov(B, Parameters.at(PARAMETERS, V));
    asm.mov(C, Parameters.at(PARAMETERS, Y));
    panels(
        V_PANELS,
        () -> {
          weigh();
          storeValues(Mask.K0, Mask.K0);
        });
    unlessZero(
        V_MASKS,
        () -> {
          asm.kmovw(Mask.K1, SCRATCH);
          asm.mov(SCRATCH, Parameters.at(PARAMETERS, V_MASKS + 1));
          asm.kmovw(Mask.K2, SCRATCH);
          weigh();
          storeValues(Mask.K1, Mask.K2);
        });
  }

  private void weigh() {
    locate(SCORES, SCORES_STRIDE);
    multiply(TileShape.PANEL_VECTORS, KEYS);
    asm.mov(SCRATCH, Parameters.at(PARAMETERS, FACTORS));
    for (int row = 0; row < rows; row++) {
      Vec factor = temporary(row % 2);
      asm.broadcast(factor, mem(SCRATCH, row * Float.BYTES));
      for (int vector = 0; vector < TileShape.PANEL_VECTORS; vector++) {
        asm.op(Op.MULPS, sum(row, vector), sum(row, vector), factor);
      }
    }
  }

  private void storeValues(Mask... masks) {
    asm.mov(SCRATCH, C);
    for (int row = 0; row < rows; row++) {
      for (int vector = 0; vector < masks.length; vector++) {
        Mem to = mem(SCRATCH, vector * VECTOR_BYTES);
        if (masks[vector] == Mask.K0) {
          asm.store(to, sum(row, vector));
        } else {
          asm.store(to, sum(row, vector), masks[vector]);
        }
      }
      asm.add(SCRATCH, Parameters.at(PARAMETERS, Y_STRIDE));
    }
  }
}
