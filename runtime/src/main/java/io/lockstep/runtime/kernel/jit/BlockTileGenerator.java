package io.lockstep.runtime.kernel.jit;

import static io.lockstep.runtime.kernel.jit.Mem.mem;
import static io.lockstep.runtime.kernel.jit.Vec.v;

import io.lockstep.runtime.kernel.jit.Assembler.Condition;
import io.lockstep.runtime.kernel.jit.TileShape.Product;

/**
 * Writes the product of a few staged rows with panels of a block-quantised matrix, by dot products
 * of bytes. Every lane sums one column of the result: in each block of 32 elements the products of
 * integers, exactly; over blocks, in ascending k, floats: sum = fma(integers * weights' scale,
 * row's scale, sum), and with shifts sum = fma(-shift, row's scaled sum, sum) behind it. Zero
 * points count among the integers.
 */
final class BlockTileGenerator {

  /** Results of a tile of AVX-512, in vectors, so that all stay in registers. */
  static final int MOST_RESULTS = 12;

  /**
   * How far ahead of the weights in use others are fetched, two pages: the processor's own fetching
   * ends at a page, and with many rows it starts the next line only when this one is through.
   */
  private static final int BYTES_AHEAD = 8192;

  /** Rows up to which the processor fetches by itself, and any help makes it slower. */
  private static final int ROWS_NOT_FETCHED = 2;

  private static final Gp A = Gp.RSI;
  private static final Gp W = Gp.RDX;
  private static final Gp PANEL = Gp.RCX;
  private static final Gp C = Gp.R8;
  private static final Gp STRIDE = Gp.R9;
  private static final Gp COUNT = Gp.R10;
  private static final Gp TURNS = Gp.R11;
  private static final Gp SCRATCH = Gp.RAX;
  private static final Gp PAIRS = Gp.RBX;

  /** Where the scales and shifts, or zero points, of a unit with groups are. */
  private static final Gp UNIT = Gp.RBP;

  private final Isa isa;
  private final Product product;
  private final Assembler asm;
  private final BlockPanels format;
  private final int rows;
  private final int panels;

  /** Vectors of columns in a panel and in a tile. */
  private final int parts;

  private final int vectors;

  /** Bits of the low nibbles; or, of bytes without a dot product of their own, the signs. */
  private final Vec nibbles;

  /** An element of a row, and whatever is done with. */
  private final Vec x;

  /** Weights of each vector, then their scales. */
  private final int firstWeights;

  /** Bits of Q6_K above the nibbles. */
  private final Vec high;

  private final Vec highBits;

  /** Where there is no dot product of bytes: its steps, 16-bit ones, and magnitudes of weights. */
  private final Vec step;

  private final Vec ones;
  private final int firstMagnitude;

  /**
   * A kernel.
   *
   * @param product BYTES, or WORDS where the processor has no dot product of bytes
   * @param panels 1 or 2
   */
  BlockTileGenerator(Isa isa, Product product, BlockPanels format, int rows, int panels) {
    if (rows > mostRows(isa, product, format, panels)) {
      throw new IllegalArgumentException(rows + " rows of " + panels + " panels");
    }
    this.isa = isa;
    this.product = product;
    this.asm = new Assembler(isa);
    this.format = format;
    this.rows = rows;
    this.panels = panels;
    this.parts = BlockPanels.WIDTH / isa.lanes();
    this.vectors = panels * parts;
    int top = isa.registers();
    this.nibbles = v(top - 1);
    this.x = v(top - 2);
    this.firstWeights = top - 4;
    this.high = v(top - 5);
    this.highBits = v(top - 6);
    this.firstMagnitude = top - 6;
    this.step = v(top - 7);
    this.ones = v(top - 8);
  }

  /** Rows of a tile for which the registers suffice. */
  static int mostRows(Isa isa, Product product, BlockPanels format, int panels) {
    return switch (isa) {
      case AVX512 -> MOST_RESULTS / panels;
      case AVX2 -> product == Product.BYTES && format != BlockPanels.Q6_K ? 3 : 2;
    };
  }

  /** Panels of a tile when there are rows enough. */
  static int mostPanels(Isa isa, BlockPanels format) {
    boolean hasGroups = format == BlockPanels.Q4_K || format == BlockPanels.Q6_K;
    return hasGroups || isa == Isa.AVX2 ? 1 : 2;
  }

  private Vec sum(int row, int vector) {
    return v(row * vectors + vector);
  }

  private Vec integers(int row, int vector) {
    return v(rows * vectors + row * vectors + vector);
  }

  private Vec weights(int vector) {
    return v(firstWeights + vector);
  }

  /** Whether weights are multiplied by magnitude and sign, which need nothing made up for. */
  private boolean hasSigns() {
    return format.hasBytes() && product == Product.WORDS;
  }

  NativeKernel generate() {
    Label turn = new Label();
    Label unit = new Label();
    asm.push(PAIRS);
    asm.push(UNIT);
    asm.mov(W, Parameters.at(Gp.RDI, BlockSlots.W));
    asm.mov(PANEL, Parameters.at(Gp.RDI, BlockSlots.PANEL_BYTES));
    asm.mov(C, Parameters.at(Gp.RDI, BlockSlots.C));
    asm.mov(STRIDE, Parameters.at(Gp.RDI, BlockSlots.C_STRIDE));
    asm.mov(TURNS, Parameters.at(Gp.RDI, BlockSlots.TURNS));
    if (isa == Isa.AVX512) {
      asm.mov(SCRATCH, Parameters.at(Gp.RDI, BlockSlots.MASK));
      asm.kmovw(Mask.K1, SCRATCH);
    }
    asm.broadcast(nibbles, constant(hasSigns() ? 2 : 0));
    if (format == BlockPanels.Q6_K) {
      asm.broadcast(highBits, constant(1));
    }
    if (product == Product.WORDS) {
      asm.broadcast(ones, constant(3));
    }
    asm.bind(turn);
    asm.mov(A, Parameters.at(Gp.RDI, BlockSlots.A));
    asm.mov(COUNT, Parameters.at(Gp.RDI, BlockSlots.UNITS));
    for (int i = 0; i < rows * vectors; i++) {
      asm.zero(v(i));
    }
    asm.bind(unit);
    unit();
    asm.sub(COUNT, 1);
    asm.jump(Condition.NOT_ZERO, unit);
    store();
    for (int i = 1; i < panels; i++) {
      asm.add(W, PANEL);
    }
    asm.add(C, panels * BlockPanels.WORDS_BYTES);
    asm.sub(TURNS, 1);
    asm.jump(Condition.NOT_ZERO, turn);
    asm.vzeroupper();
    asm.pop(UNIT);
    asm.pop(PAIRS);
    asm.ret();
    return new NativeKernel(asm.toByteArray());
  }

  /** One of the 32-bit constants behind the slots. */
  private static Mem constant(int index) {
    return mem(Gp.RDI, BlockSlots.CONSTANTS * Long.BYTES + index * Float.BYTES);
  }

  private void unit() {
    switch (format) {
      case Q8_0 -> {
        integers(0);
        for (int step = 0; step < 8; step++) {
          bytes(BlockPanels.HALVES_BYTES, step);
          dot(step);
        }
        halves();
        accumulate();
        asm.add(A, recordBytes());
      }
      case Q4_0 -> {
        integers(0);
        for (int step = 0; step < 8; step++) {
          nibbles(BlockPanels.HALVES_BYTES, step % 4, step / 4);
          dot(step);
        }
        halves();
        accumulate();
        asm.add(A, recordBytes());
      }
      case Q4_K -> {
        pairs();
        return;
      }
      case Q6_K -> {
        parts();
        return;
      }
      case N4, N4_ZEROS, N8, N8_ZEROS -> {
        groups();
        return;
      }
    }
    asm.add(W, format.unitBytes());
  }

  /** The four pairs of groups of a unit of Q4_K, in a loop. */
  private void pairs() {
    Label pair = new Label();
    asm.lea(UNIT, mem(W, 0));
    fetch(mem(W, 0));
    asm.add(W, 2 * BlockPanels.HALVES_BYTES);
    asm.mov(PAIRS, 4);
    asm.bind(pair);
    fetch(mem(W, 0));
    for (int group = 0; group < 2; group++) {
      for (int i = 0; i < rows * vectors; i++) {
        asm.zero(v(rows * vectors + i));
      }
      for (int step = 0; step < 8; step++) {
        nibbles(4 * BlockPanels.WIDTH, step, group);
        dot(step);
      }
      factors(Op.PMOVZXBD, 0, group * BlockPanels.WIDTH);
      accumulate();
      factors(Op.PMOVZXBD, BlockPanels.HALVES_BYTES, (2 + group) * BlockPanels.WIDTH);
      for (int row = 0; row < rows; row++) {
        fused(Op.FNMADD231PS, row, correction(row, 0), firstWeights);
      }
      asm.add(A, recordBytes());
    }
    asm.add(W, BlockPanels.PAIR_BYTES);
    asm.sub(PAIRS, 1);
    asm.jump(Condition.NOT_ZERO, pair);
  }

  /** The two parts of a unit of Q6_K, in a loop; a part is four blocks of two groups each. */
  private void parts() {
    Label part = new Label();
    asm.lea(UNIT, mem(W, 0));
    asm.add(W, BlockPanels.HALVES_BYTES);
    asm.mov(PAIRS, 2);
    asm.bind(part);
    fetch(mem(W, 0));
    fetch(mem(W, BlockPanels.WORDS_BYTES));
    for (int group = 0; group < 8; group++) {
      integers(group % 2);
      for (int i = 0; i < 4; i++) {
        int step = group % 2 * 4 + i;
        sixBits(group / 2, step);
        dot(step);
      }
      factors(Op.PMOVSXBD, 0, group * BlockPanels.WIDTH);
      accumulate();
      if (group % 2 == 1) {
        asm.add(A, recordBytes());
      }
    }
    asm.add(W, BlockPanels.PART_BYTES);
    asm.sub(PAIRS, 1);
    asm.jump(Condition.NOT_ZERO, part);
  }

  /** A block of weights that share a scale, in a loop over the blocks of activations in it. */
  private void groups() {
    Label group = new Label();
    asm.lea(UNIT, mem(W, 0));
    asm.add(W, (format.hasZeros() ? 2 : 1) * BlockPanels.WORDS_BYTES);
    asm.mov(PAIRS, Parameters.at(Gp.RDI, BlockSlots.GROUPS));
    asm.bind(group);
    if (format.hasZeros()) {
      zeros();
    } else {
      integers(0);
    }
    for (int step = 0; step < 8; step++) {
      if (format.hasBytes()) {
        bytes(0, step);
      } else {
        nibbles(0, step / 2, step % 2);
      }
      dot(step);
    }
    for (int i = 0; i < vectors; i++) {
      asm.load(weights(i), inPanel(UNIT, i, part(i) * isa.vectorBytes()));
    }
    accumulate();
    asm.add(A, recordBytes());
    asm.add(W, format.unitBytes());
    asm.sub(PAIRS, 1);
    asm.jump(Condition.NOT_ZERO, group);
  }

  /** Integers start with the zero points of the block times the negated sum of the activations. */
  private void zeros() {
    for (int i = 0; i < vectors; i++) {
      int at = BlockPanels.WORDS_BYTES + part(i) * isa.vectorBytes();
      asm.load(weights(i), inPanel(UNIT, i, at));
      if (hasSigns()) {
        asm.broadcast(x, constant(4));
        asm.op(Op.SUBPS, weights(i), weights(i), x);
      }
      asm.op(Op.CVTPS2DQ, weights(i), weights(i));
    }
    for (int row = 0; row < rows; row++) {
      asm.broadcast(x, correction(row, 0));
      for (int i = 0; i < vectors; i++) {
        asm.op(Op.PMULLD, integers(row, i), weights(i), x);
      }
    }
  }

  /** The weights of a step as bytes, or where need be as signed bytes and their magnitudes. */
  private void bytes(int offset, int word) {
    for (int i = 0; i < vectors; i++) {
      Mem from = weights(i, offset, word);
      fetch(i, from);
      if (hasSigns()) {
        asm.op(Op.XORPS, weights(i), nibbles, from);
        asm.op(Op.PABSB, v(firstMagnitude + i), weights(i));
      } else {
        asm.load(weights(i), from);
      }
    }
  }

  private void nibbles(int offset, int word, int high) {
    for (int i = 0; i < vectors; i++) {
      Mem from = weights(i, offset, word);
      if (high == 0) {
        fetch(i, from);
        asm.op(Op.ANDPS, weights(i), nibbles, from);
      } else {
        asm.load(weights(i), from);
        asm.shiftRightLogical(weights(i), weights(i), 4);
        asm.op(Op.ANDPS, weights(i), nibbles, weights(i));
      }
    }
  }

  /** The weights of a step: nibbles, and two bits shifted to stand above them. */
  private void sixBits(int quarter, int step) {
    int low = BlockPanels.PART_SCALES;
    nibbles(low, quarter % 2 * 8 + step, quarter / 2);
    for (int i = 0; i < vectors; i++) {
      Mem from = weights(i, low + BlockPanels.PART_LOW, step);
      if (quarter == 0) {
        fetch(i, from);
      }
      asm.load(high, from);
      switch (quarter) {
        case 0 -> asm.shiftLeft(high, high, 4);
        case 1 -> asm.shiftLeft(high, high, 2);
        case 3 -> asm.shiftRightLogical(high, high, 2);
        default -> {
          // they are there already
        }
      }
      asm.op(Op.ANDPS, high, high, highBits);
      asm.op(Op.ORPS, weights(i), weights(i), high);
    }
  }

  /** The scales of blocks, in place of weights. */
  private void halves() {
    for (int i = 0; i < vectors; i++) {
      asm.op(Op.CVTPH2PS, weights(i), inPanel(i, part(i) * isa.vectorBytes() / 2));
    }
  }

  /** Bytes of a group as floats times what the unit has at an offset, in place of weights. */
  private void factors(Op widen, int ofUnit, int ofGroup) {
    for (int i = 0; i < vectors; i++) {
      asm.op(Op.CVTPH2PS, x, mem(UNIT, ofUnit + part(i) * isa.vectorBytes() / 2));
      asm.op(widen, weights(i), mem(W, ofGroup + part(i) * isa.lanes()));
      asm.op(Op.CVTDQ2PS, weights(i), weights(i));
      asm.op(Op.MULPS, weights(i), weights(i), x);
    }
  }

  /** Integers start with what makes up for the elements' zero. */
  private void integers(int sum) {
    for (int row = 0; row < rows; row++) {
      if (hasSigns()) {
        asm.zero(integers(row, 0));
      } else {
        asm.broadcast(integers(row, 0), correction(row, sum));
      }
      for (int i = 1; i < vectors; i++) {
        asm.move(integers(row, i), integers(row, 0));
      }
    }
  }

  /** Four elements of every row and column. */
  private void dot(int step) {
    for (int row = 0; row < rows; row++) {
      Mem from = mem(A, row * BlockPanels.BLOCK + step * Integer.BYTES);
      if (isa == Isa.AVX512 && vectors == 1) {
        asm.opBroadcast(Op.PDPBUSD, integers(row, 0), weights(0), from);
        continue;
      }
      asm.broadcast(x, from);
      for (int i = 0; i < vectors; i++) {
        if (product == Product.BYTES) {
          asm.op(Op.PDPBUSD, integers(row, i), weights(i), x);
        } else {
          dotOfWords(integers(row, i), i);
        }
      }
    }
  }

  /*
   * The sum of two products must fit 16 bits: 2 * 63 * 127 does, and so does 2 * 128 * 127; that of
   * a weight plus 128 would not.
   */
  private void dotOfWords(Vec sum, int vector) {
    if (hasSigns()) {
      asm.op(Op.PSIGNB, step, x, weights(vector));
      asm.op(Op.PMADDUBSW, step, v(firstMagnitude + vector), step);
    } else {
      asm.op(Op.PMADDUBSW, step, weights(vector), x);
    }
    asm.op(Op.PMADDWD, step, step, ones);
    asm.op(Op.PADDD, sum, sum, step);
  }

  /** sums += integers * scales of the weights * scale of the row. */
  private void accumulate() {
    for (int row = 0; row < rows; row++) {
      for (int i = 0; i < vectors; i++) {
        asm.op(Op.CVTDQ2PS, integers(row, i), integers(row, i));
        asm.op(Op.MULPS, integers(row, i), integers(row, i), weights(i));
      }
      Mem scale = mem(A, rows * BlockPanels.BLOCK + row * Float.BYTES);
      fused(Op.FMADD231PS, row, scale, rows * vectors + row * vectors);
    }
  }

  /** sums of a row = op(sums, vectors from a register on, a factor of the row). */
  private void fused(Op op, int row, Mem factor, int first) {
    if (isa == Isa.AVX2) {
      asm.broadcast(x, factor);
    }
    for (int i = 0; i < vectors; i++) {
      if (isa == Isa.AVX2) {
        asm.op(op, sum(row, i), v(first + i), x);
      } else {
        asm.opBroadcast(op, sum(row, i), v(first + i), factor);
      }
    }
  }

  private void store() {
    asm.mov(SCRATCH, C);
    for (int row = 0; row < rows; row++) {
      for (int i = 0; i < vectors; i++) {
        Mem to = mem(SCRATCH, i * isa.vectorBytes());
        if (isa == Isa.AVX512 && i == vectors - 1) {
          asm.store(to, sum(row, i), Mask.K1);
        } else {
          asm.store(to, sum(row, i));
        }
      }
      asm.add(SCRATCH, STRIDE);
    }
  }

  /** Brings weights into the cache that come after those of an operand. */
  private void fetch(int vector, Mem weights) {
    if (part(vector) == 0) {
      fetch(weights);
    }
  }

  private void fetch(Mem from) {
    if (rows > ROWS_NOT_FETCHED) {
      int ahead = from.displacement() + BYTES_AHEAD;
      asm.prefetch(new Mem(from.base(), from.index(), from.scale(), ahead));
    }
  }

  private int part(int vector) {
    return vector % parts;
  }

  private Mem weights(int vector, int offset, int word) {
    int ofPart = part(vector) * isa.vectorBytes();
    return inPanel(vector, offset + word * BlockPanels.WORDS_BYTES + ofPart);
  }

  private Mem inPanel(int vector, int offset) {
    return inPanel(W, vector, offset);
  }

  private Mem inPanel(Gp base, int vector, int offset) {
    return vector < parts ? mem(base, offset) : mem(base, PANEL, 1, offset);
  }

  private Mem correction(int row, int sum) {
    int sums = rows * (BlockPanels.BLOCK + Float.BYTES);
    return mem(A, sums + (sum * rows + row) * Integer.BYTES);
  }

  /** Bytes of a block of all rows of a tile. */
  private int recordBytes() {
    return rows * format.stagedBytes();
  }
}
