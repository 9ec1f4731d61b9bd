package io.lockstep.runtime.kernel.jit;

import static io.lockstep.runtime.kernel.jit.Gp.R10;
import static io.lockstep.runtime.kernel.jit.Gp.R11;
import static io.lockstep.runtime.kernel.jit.Gp.R12;
import static io.lockstep.runtime.kernel.jit.Gp.R13;
import static io.lockstep.runtime.kernel.jit.Gp.R14;
import static io.lockstep.runtime.kernel.jit.Gp.R15;
import static io.lockstep.runtime.kernel.jit.Gp.R8;
import static io.lockstep.runtime.kernel.jit.Gp.R9;
import static io.lockstep.runtime.kernel.jit.Gp.RAX;
import static io.lockstep.runtime.kernel.jit.Gp.RBP;
import static io.lockstep.runtime.kernel.jit.Gp.RBX;
import static io.lockstep.runtime.kernel.jit.Gp.RCX;
import static io.lockstep.runtime.kernel.jit.Gp.RDI;
import static io.lockstep.runtime.kernel.jit.Gp.RDX;
import static io.lockstep.runtime.kernel.jit.Gp.RSI;
import static io.lockstep.runtime.kernel.jit.Mem.mem;
import static io.lockstep.runtime.kernel.jit.Vec.v;

import io.lockstep.runtime.kernel.jit.Assembler.Condition;
import io.lockstep.runtime.kernel.jit.TileShape.Product;

/**
 * Writes kernels that compute a tile c = a b in registers over the whole reduction: an element is
 * one chain of multiply-adds in ascending k, whatever tile it is in. Rows of a are read in place, b
 * is packed in panels.
 */
final class TileGenerator {

  private static final int UNROLL = TileShape.UNROLL;

  /** How far ahead weights are fetched in a panel: two pages. */
  private static final int BYTES_AHEAD = 8192;

  private static final int LINE_BYTES = 64;

  /** Every third row of a; the two behind it are reached by the stride. */
  private static final Gp[] ROWS = {R8, R9, R10, R11, R12};

  private static final Gp PARAMETERS = RDI;
  private static final Gp STRIDE = RAX;
  private static final Gp B = RSI;
  private static final Gp B_NEXT = R13;
  private static final Gp PANEL_STRIDE = RBX;
  private static final Gp COUNT = RCX;

  /** During the reduction the next row of results to fetch. */
  private static final Gp C = RDX;

  private static final Gp C_ROWS_LEFT = RBP;
  private static final Gp SCRATCH = R14;
  private static final Gp FETCH = R15;

  /** Counts while nothing needs {@link #SCRATCH}. */
  private static final Gp PIECES = SCRATCH;

  private final Assembler asm;
  private final Isa isa;
  private final TileShape shape;
  private final int vectorBytes;
  private final int sums;

  private TileGenerator(Isa isa, TileShape shape) {
    this.asm = new Assembler(isa);
    this.isa = isa;
    this.shape = shape;
    this.vectorBytes = isa.vectorBytes();
    this.sums = shape.rows() * shape.columns();
    if (temporary(1).number() >= isa.registers()) {
      throw new IllegalArgumentException(shape + " does not fit the registers");
    }
  }

  static byte[] generate(Isa isa, TileShape shape) {
    return new TileGenerator(isa, shape).generate();
  }

  private Vec sum(int row, int column) {
    return v(row * shape.columns() + column);
  }

  private Vec b(int column) {
    return v(sums + column);
  }

  /** A single row takes b from memory and needs no registers for it. */
  private boolean holdsB() {
    return shape.rows() > 1;
  }

  /** Registers that hold neither sums nor b. */
  private Vec temporary(int i) {
    return v(sums + (holdsB() ? shape.columns() : 0) + i);
  }

  private Mem aElement(int row, int step) {
    Gp base = ROWS[row / 3];
    int at = step * Float.BYTES;
    return row % 3 == 0 ? mem(base, at) : mem(base, STRIDE, row % 3, at);
  }

  private Mem bVector(int column, int step) {
    int row = step * TileShape.PANEL_VECTORS * vectorBytes;
    int at = row + column % shape.vectors() * vectorBytes;
    return switch (column / shape.vectors()) {
      case 0 -> mem(B, at);
      case 1 -> mem(B, PANEL_STRIDE, 1, at);
      case 2 -> mem(B, PANEL_STRIDE, 2, at);
      default -> mem(B_NEXT, PANEL_STRIDE, 2, at);
    };
  }

  private byte[] generate() {
    asm.push(RBX);
    asm.push(RBP);
    asm.push(R12);
    asm.push(R13);
    asm.push(R14);
    asm.push(R15);
    asm.mov(FETCH, Parameters.at(PARAMETERS, TileSlots.FETCH));
    Label tile = new Label();
    asm.bind(tile);
    loadMask();
    if (shape.hasSums()) {
      loadSums();
    } else {
      locate();
      begin();
      pieces();
    }
    finish();
    moveOn();
    asm.mov(SCRATCH, Parameters.at(PARAMETERS, TileSlots.TILES));
    asm.sub(SCRATCH, 1);
    asm.mov(Parameters.at(PARAMETERS, TileSlots.TILES), SCRATCH);
    asm.jump(Condition.NOT_ZERO, tile);
    asm.mov(Parameters.at(PARAMETERS, TileSlots.FETCH), FETCH);
    asm.vzeroupper();
    asm.pop(R15);
    asm.pop(R14);
    asm.pop(R13);
    asm.pop(R12);
    asm.pop(RBP);
    asm.pop(RBX);
    asm.ret();
    return asm.toByteArray();
  }

  /** Points to the tile's rows and panels. */
  private void locate() {
    asm.mov(B, Parameters.at(PARAMETERS, TileSlots.B));
    asm.mov(PANEL_STRIDE, Parameters.at(PARAMETERS, TileSlots.PANEL_STRIDE));
    asm.mov(STRIDE, Parameters.at(PARAMETERS, TileSlots.A_STRIDE));
    asm.mov(ROWS[0], Parameters.at(PARAMETERS, TileSlots.A));
    for (int i = 1; i * 3 < shape.rows(); i++) {
      asm.lea(ROWS[i], mem(ROWS[i - 1], STRIDE, 2, 0));
      asm.add(ROWS[i], STRIDE);
    }
    asm.lea(B_NEXT, mem(B, PANEL_STRIDE, 1, 0));
  }

  /** Takes sums that another kernel has left, rows of a panel below each other. */
  private void loadSums() {
    asm.mov(SCRATCH, Parameters.at(PARAMETERS, AmxSlots.SUMS));
    for (int row = 0; row < shape.rows(); row++) {
      for (int column = 0; column < shape.columns(); column++) {
        asm.load(sum(row, column), mem(SCRATCH, row * AmxSlots.SUMS_STRIDE + column * vectorBytes));
      }
    }
    asm.add(SCRATCH, shape.rows() * AmxSlots.SUMS_STRIDE);
    asm.mov(Parameters.at(PARAMETERS, AmxSlots.SUMS), SCRATCH);
  }

  /** Lets the slots of what lies by rows point to the next tile. */
  private void moveOn() {
    if (!shape.hasSums()) {
      moveOn(TileSlots.A, TileSlots.A_TILE);
    }
    moveOn(TileSlots.C, TileSlots.C_TILE);
    moveOnUnlessZero(TileSlots.RESIDUAL, () -> addSlot(TileSlots.C_TILE));
    if (shape.product() != Product.FLOATS) {
      for (int slot : new int[] {TileSlots.ROW_ZEROS, TileSlots.ROW_SUMS, TileSlots.ROW_SCALES}) {
        moveOnUnlessZero(slot, () -> asm.add(SCRATCH, shape.rows() * Integer.BYTES));
      }
    }
  }

  private void moveOn(int slot, int step) {
    asm.mov(SCRATCH, Parameters.at(PARAMETERS, slot));
    addSlot(step);
    asm.mov(Parameters.at(PARAMETERS, slot), SCRATCH);
  }

  private void addSlot(int slot) {
    asm.add(SCRATCH, Parameters.at(PARAMETERS, slot));
  }

  private void moveOnUnlessZero(int slot, Runnable add) {
    Label none = new Label();
    unless(slot, none);
    add.run();
    asm.mov(Parameters.at(PARAMETERS, slot), SCRATCH);
    asm.bind(none);
  }

  /** AVX-512 keeps the mask in K1 throughout; AVX2 loads it where it is needed. */
  private void loadMask() {
    if (shape.isMasked() && isa == Isa.AVX512) {
      asm.mov(SCRATCH, Parameters.at(PARAMETERS, TileSlots.MASK));
      asm.kmovw(Mask.K1, SCRATCH);
    }
  }

  /** Skips to {@code label} when a slot is zero, else leaves it in {@link #SCRATCH}. */
  private void unless(int slot, Label label) {
    asm.mov(SCRATCH, Parameters.at(PARAMETERS, slot));
    asm.test(SCRATCH, SCRATCH);
    asm.jump(Condition.ZERO, label);
  }

  private void begin() {
    Label fromZero = new Label();
    Label ready = new Label();
    if (shape.product() == Product.FLOATS) {
      unless(TileSlots.CONTINUES, fromZero);
      asm.mov(SCRATCH, Parameters.at(PARAMETERS, TileSlots.C));
      Vec mask = avx2Mask(0);
      for (int row = 0; row < shape.rows(); row++) {
        for (int column = 0; column < shape.columns(); column++) {
          loadColumn(sum(row, column), SCRATCH, column, mask);
        }
        asm.add(SCRATCH, Parameters.at(PARAMETERS, TileSlots.C_STRIDE));
      }
      asm.jump(ready);
    }
    asm.bind(fromZero);
    for (int i = 0; i < sums; i++) {
      asm.zero(v(i));
    }
    asm.bind(ready);
  }

  /** The whole reduction, piece after piece. */
  private void pieces() {
    Label piece = new Label();
    Label sameLine = new Label();
    Label done = new Label();
    asm.mov(PIECES, Parameters.at(PARAMETERS, TileSlots.PIECES));
    asm.mov(COUNT, Parameters.at(PARAMETERS, TileSlots.LINE_START));
    asm.mov(Parameters.at(PARAMETERS, TileSlots.LINE_LEFT), COUNT);
    asm.mov(C, Parameters.at(PARAMETERS, TileSlots.C));
    asm.mov(C_ROWS_LEFT, shape.rows());
    asm.bind(piece);
    asm.mov(COUNT, Parameters.at(PARAMETERS, TileSlots.STEPS));
    reduce();
    asm.sub(PIECES, 1);
    asm.jump(Condition.ZERO, done);
    asm.mov(COUNT, Parameters.at(PARAMETERS, TileSlots.LINE_LEFT));
    asm.sub(COUNT, 1);
    asm.jump(Condition.NOT_ZERO, sameLine);
    moveRows(TileSlots.LINE_SKIP);
    asm.mov(COUNT, Parameters.at(PARAMETERS, TileSlots.LINE_PIECES));
    asm.bind(sameLine);
    asm.mov(Parameters.at(PARAMETERS, TileSlots.LINE_LEFT), COUNT);
    moveRows(TileSlots.PIECE_SKIP);
    asm.jump(piece);
    asm.bind(done);
  }

  private void moveRows(int slot) {
    for (int i = 0; i * 3 < shape.rows(); i++) {
      asm.add(ROWS[i], Parameters.at(PARAMETERS, slot));
    }
  }

  private void reduce() {
    UnrolledLoop.write(asm, COUNT, UNROLL, this::turn, this::single);
  }

  private void turn() {
    fetchRowOfC();
    for (int step = 0; step < UNROLL; step++) {
      fetch(step);
      step(step);
    }
    if (shape.fetchedLines() > 0) {
      asm.add(FETCH, shape.fetchedLines() * LINE_BYTES);
    }
    advance(UNROLL);
  }

  private void single() {
    step(0);
    advance(1);
  }

  /**
   * Fetches weights before they are needed: without that, reading and arithmetic take turns. Where
   * several tiles use the same panels, each fetches a share of the next ones.
   */
  private void fetch(int step) {
    if (shape.fetchedLines() == 0) {
      for (int column = 0; column < shape.columns(); column++) {
        Mem weights = bVector(column, step);
        if (weights.displacement() % LINE_BYTES == 0) {
          int ahead = weights.displacement() + BYTES_AHEAD;
          asm.prefetch(new Mem(weights.base(), weights.index(), weights.scale(), ahead));
        }
      }
    }
    for (int line = step; line < shape.fetchedLines(); line += UNROLL) {
      asm.prefetchSecondLevel(mem(FETCH, line * LINE_BYTES));
    }
  }

  /**
   * Fetches the lines of a row of results in each of the first turns: stores that find none of
   * their lines in a cache fill the queue of stores, and the next tile waits.
   */
  private void fetchRowOfC() {
    Label done = new Label();
    asm.sub(C_ROWS_LEFT, 1);
    asm.jump(Condition.LESS, done);
    for (int at = 0; at < shape.columns() * vectorBytes; at += LINE_BYTES) {
      asm.prefetchToWrite(mem(C, at));
    }
    asm.add(C, Parameters.at(PARAMETERS, TileSlots.C_STRIDE));
    asm.bind(done);
  }

  private void step(int step) {
    for (int column = 0; holdsB() && column < shape.columns(); column++) {
      asm.load(b(column), bVector(column, step));
    }
    for (int row = 0; row < shape.rows(); row++) {
      Vec a = temporary(holdsPair() ? 0 : row % 2);
      asm.broadcast(a, aElement(row, step));
      for (int column = 0; column < shape.columns(); column++) {
        multiplyAdd(sum(row, column), a, column, step);
      }
    }
  }

  /** Whether the second temporary register holds products of words on their way to the sums. */
  private boolean holdsPair() {
    return shape.product() == Product.WORDS;
  }

  private void multiplyAdd(Vec sum, Vec a, int column, int step) {
    if (holdsPair()) {
      Vec pair = temporary(1);
      if (holdsB()) {
        asm.op(Op.PMADDWD, pair, a, b(column));
      } else {
        asm.op(Op.PMADDWD, pair, a, bVector(column, step));
      }
      asm.op(Op.PADDD, sum, sum, pair);
      return;
    }
    Op op = shape.product() == Product.FLOATS ? Op.FMADD231PS : Op.PDPBUSD;
    if (holdsB()) {
      asm.op(op, sum, a, b(column));
    } else {
      asm.op(op, sum, a, bVector(column, step));
    }
  }

  private void advance(int steps) {
    for (int i = 0; i * 3 < shape.rows(); i++) {
      asm.add(ROWS[i], steps * Float.BYTES);
    }
    int bytes = steps * TileShape.PANEL_VECTORS * vectorBytes;
    asm.add(B, bytes);
    asm.add(B_NEXT, bytes);
  }

  private void finish() {
    Label end = new Label();
    if (shape.product() == Product.BYTES && isa == Isa.AVX512) {
      Label noBytes = new Label();
      unless(TileSlots.MULTIPLIERS, noBytes);
      requantize();
      storeBytes();
      asm.jump(end);
      asm.bind(noBytes);
    }
    finishWords();
    asm.bind(end);
  }

  /** Brings integers to the scale of bytes; {@link #SCRATCH} has the multipliers. */
  private void requantize() {
    Vec offset = temporary(0);
    Vec multiplier = temporary(1);
    asm.mov(C, Parameters.at(PARAMETERS, TileSlots.OFFSETS));
    for (int column = 0; column < shape.columns(); column++) {
      loadColumn(offset, C, column, offset);
      loadColumn(multiplier, SCRATCH, column, multiplier);
      for (int row = 0; row < shape.rows(); row++) {
        Vec sum = sum(row, column);
        asm.op(Op.PADDD, sum, sum, offset);
        asm.op(Op.CVTDQ2PS, sum, sum);
        asm.op(Op.MULPS, sum, sum, multiplier);
      }
    }
    Vec low = temporary(0);
    Vec high = temporary(1);
    asm.broadcast(low, Parameters.at(PARAMETERS, TileSlots.BOUNDS));
    asm.broadcast(high, mem(PARAMETERS, TileSlots.BOUNDS * Long.BYTES + Float.BYTES));
    for (int i = 0; i < sums; i++) {
      asm.op(Op.MAXPS, v(i), v(i), low);
      asm.op(Op.MINPS, v(i), v(i), high);
      asm.op(Op.CVTPS2DQ, v(i), v(i));
    }
    asm.op(Op.PBROADCASTD, low, Parameters.at(PARAMETERS, TileSlots.ZERO_POINT));
    for (int i = 0; i < sums; i++) {
      asm.op(Op.PADDD, v(i), v(i), low);
    }
  }

  private void storeBytes() {
    asm.mov(C, Parameters.at(PARAMETERS, TileSlots.C));
    for (int row = 0; row < shape.rows(); row++) {
      for (int column = 0; column < shape.columns(); column++) {
        Mask mask = isMasked(column) ? Mask.K1 : Mask.K0;
        asm.storeBytes(mem(C, column * isa.lanes()), sum(row, column), mask);
      }
      asm.add(C, Parameters.at(PARAMETERS, TileSlots.C_STRIDE));
    }
  }

  private void finishWords() {
    Label store = new Label();
    if (shape.product() == Product.FLOATS) {
      unless(TileSlots.ENDS, store);
      scale();
    } else {
      if (shape.product() == Product.BYTES) {
        subtractZeros(TileSlots.COLUMN_SUMS, TileSlots.ROW_ZEROS);
        Label allZero = new Label();
        unless(TileSlots.ROW_SUMS, allZero);
        subtractZeros(TileSlots.COLUMN_ZEROS, TileSlots.ROW_SUMS);
        asm.bind(allZero);
      }
      unless(TileSlots.ROW_SCALES, store);
      rescale();
    }
    addBias();
    addResidual();
    clamp();
    asm.bind(store);
    asm.mov(C, Parameters.at(PARAMETERS, TileSlots.C));
    Vec mask = avx2Mask(0);
    for (int row = 0; row < shape.rows(); row++) {
      for (int column = 0; column < shape.columns(); column++) {
        storeColumn(C, sum(row, column), column, mask);
      }
      asm.add(C, Parameters.at(PARAMETERS, TileSlots.C_STRIDE));
    }
  }

  private void scale() {
    Label done = new Label();
    unless(TileSlots.SCALES, done);
    Vec alpha = temporary(0);
    asm.broadcast(alpha, Parameters.at(PARAMETERS, TileSlots.ALPHA));
    for (int i = 0; i < sums; i++) {
      asm.op(Op.MULPS, v(i), v(i), alpha);
    }
    asm.bind(done);
  }

  /** Subtracts the product of a number of the row and one of the column from each sum. */
  private void subtractZeros(int columnSlot, int rowSlot) {
    Vec ofColumn = temporary(0);
    Vec product = temporary(1);
    asm.mov(C, Parameters.at(PARAMETERS, columnSlot));
    asm.mov(SCRATCH, Parameters.at(PARAMETERS, rowSlot));
    for (int column = 0; column < shape.columns(); column++) {
      loadColumn(ofColumn, C, column, avx2Mask(1));
      for (int row = 0; row < shape.rows(); row++) {
        asm.op(Op.PBROADCASTD, product, mem(SCRATCH, row * Integer.BYTES));
        asm.op(Op.PMULLD, product, product, ofColumn);
        asm.op(Op.PSUBD, sum(row, column), sum(row, column), product);
      }
    }
  }

  /** Integers to floats, times the rounded product of the row's and the column's scale. */
  private void rescale() {
    Vec ofColumn = temporary(0);
    Vec factor = temporary(1);
    asm.mov(C, Parameters.at(PARAMETERS, TileSlots.COLUMN_SCALES));
    for (int column = 0; column < shape.columns(); column++) {
      loadColumn(ofColumn, C, column, avx2Mask(1));
      for (int row = 0; row < shape.rows(); row++) {
        Vec sum = sum(row, column);
        asm.broadcast(factor, mem(SCRATCH, row * Float.BYTES));
        asm.op(Op.MULPS, factor, factor, ofColumn);
        asm.op(Op.CVTDQ2PS, sum, sum);
        asm.op(Op.MULPS, sum, sum, factor);
      }
    }
  }

  private void addBias() {
    Label done = new Label();
    Vec bias = temporary(0);
    unless(TileSlots.BIAS, done);
    for (int column = 0; column < shape.columns(); column++) {
      loadColumn(bias, SCRATCH, column, avx2Mask(1));
      for (int row = 0; row < shape.rows(); row++) {
        asm.op(Op.ADDPS, sum(row, column), sum(row, column), bias);
      }
    }
    asm.bind(done);
  }

  private void addResidual() {
    Label done = new Label();
    Vec residual = temporary(0);
    unless(TileSlots.RESIDUAL, done);
    Vec mask = avx2Mask(1);
    for (int row = 0; row < shape.rows(); row++) {
      for (int column = 0; column < shape.columns(); column++) {
        loadColumn(residual, SCRATCH, column, mask);
        asm.op(Op.ADDPS, sum(row, column), sum(row, column), residual);
      }
      asm.add(SCRATCH, Parameters.at(PARAMETERS, TileSlots.C_STRIDE));
    }
    asm.bind(done);
  }

  /** A NaN stays one: the second operand is taken where one of both is a NaN. */
  private void clamp() {
    Label done = new Label();
    unless(TileSlots.CLAMPS, done);
    Vec low = temporary(0);
    Vec high = temporary(1);
    asm.broadcast(low, Parameters.at(PARAMETERS, TileSlots.BOUNDS));
    asm.broadcast(high, mem(PARAMETERS, TileSlots.BOUNDS * Long.BYTES + Float.BYTES));
    for (int i = 0; i < sums; i++) {
      asm.op(Op.MAXPS, v(i), low, v(i));
      asm.op(Op.MINPS, v(i), high, v(i));
    }
    asm.bind(done);
  }

  /**
   * AVX2: loads the mask of the last vector into a temporary register, if there is one; not while
   * {@link #COUNT} counts.
   */
  private Vec avx2Mask(int temporary) {
    Vec mask = temporary(temporary);
    if (shape.isMasked() && isa == Isa.AVX2) {
      asm.mov(COUNT, Parameters.at(PARAMETERS, TileSlots.MASK));
      asm.load(mask, mem(COUNT, 0));
    }
    return mask;
  }

  private boolean isMasked(int column) {
    return shape.isMasked() && column == shape.columns() - 1;
  }

  private void loadColumn(Vec to, Gp base, int column, Vec avx2Mask) {
    Mem from = mem(base, column * vectorBytes);
    if (!isMasked(column)) {
      asm.load(to, from);
    } else if (isa == Isa.AVX512) {
      asm.load(to, from, Mask.K1);
    } else {
      asm.load(to, from, avx2Mask);
    }
  }

  private void storeColumn(Gp base, Vec from, int column, Vec avx2Mask) {
    Mem to = mem(base, column * vectorBytes);
    if (!isMasked(column)) {
      asm.store(to, from);
    } else if (isa == Isa.AVX512) {
      asm.store(to, from, Mask.K1);
    } else {
      asm.store(to, from, avx2Mask);
    }
  }
}
