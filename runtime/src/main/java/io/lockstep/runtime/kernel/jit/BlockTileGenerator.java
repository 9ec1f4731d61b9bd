package io.lockstep.runtime.kernel.jit;

import static io.lockstep.runtime.kernel.jit.Mem.mem;
import static io.lockstep.runtime.kernel.jit.Vec.v;

import io.lockstep.runtime.kernel.jit.Assembler.Condition;

/**
 * Writes the product of a few staged rows with panels of a block-quantised matrix, for AVX-512 with
 * dot products of bytes. Every lane sums one column of the result: in each block of 32 elements the
 * products of integers, exactly; over blocks, in ascending k, floats: sum = fma(integers * weights'
 * scale, row's scale, sum), and with shifts sum = fma(-shift, row's scaled sum, sum) behind it.
 */
final class BlockTileGenerator {

  /** Results of a tile, in vectors, so that all stay in registers. */
  static final int MOST_RESULTS = 12;

  /**
   * How far ahead of the weights in use others are fetched, two pages: the processor's own fetching
   * ends at a page, and with many rows it starts the next line only when this one is through.
   */
  private static final int BYTES_AHEAD = 8192;

  private static final Gp A = Gp.RSI;
  private static final Gp W = Gp.RDX;
  private static final Gp PANEL = Gp.RCX;
  private static final Gp C = Gp.R8;
  private static final Gp STRIDE = Gp.R9;
  private static final Gp COUNT = Gp.R10;
  private static final Gp TURNS = Gp.R11;
  private static final Gp SCRATCH = Gp.RAX;
  private static final Gp PAIRS = Gp.RBX;

  private static final Vec NIBBLES = v(31);
  private static final Vec X = v(30);

  /** Weights of each panel of a tile. */
  private static final int WEIGHTS = 28;

  /** Scales of each panel. */
  private static final int SCALES = 26;

  /** Shifts of each panel; formats with them have one panel in a tile. */
  private static final Vec SHIFTS = v(27);

  /** Bits of Q6_K above the nibbles; it has no shifts. */
  private static final Vec HIGH_BITS = v(24);

  private static final Vec HIGH = v(29);
  private static final Vec UNIT_SCALES = v(25);
  private static final Vec UNIT_SHIFTS = v(24);

  private final Assembler asm = new Assembler(Isa.AVX512);
  private final BlockPanels format;
  private final int rows;
  private final int panels;

  /**
   * A kernel.
   *
   * @param panels 1 or 2
   */
  BlockTileGenerator(BlockPanels format, int rows, int panels) {
    if (rows * panels > mostRows(format, panels) * panels) {
      throw new IllegalArgumentException(rows + " rows of " + panels + " panels");
    }
    this.format = format;
    this.rows = rows;
    this.panels = panels;
  }

  /** Rows of a tile for which the registers suffice. */
  static int mostRows(BlockPanels format, int panels) {
    return MOST_RESULTS / panels;
  }

  /** Panels of a tile when there are rows enough. */
  static int mostPanels(BlockPanels format) {
    return format == BlockPanels.Q4_K || format == BlockPanels.Q6_K ? 1 : 2;
  }

  private Vec sum(int row, int panel) {
    return v(row * panels + panel);
  }

  private Vec integers(int row, int panel) {
    return v(rows * panels + row * panels + panel);
  }

  NativeKernel generate() {
    Label turn = new Label();
    Label unit = new Label();
    asm.push(PAIRS);
    asm.mov(W, Parameters.at(Gp.RDI, BlockSlots.W));
    asm.mov(PANEL, Parameters.at(Gp.RDI, BlockSlots.PANEL_BYTES));
    asm.mov(C, Parameters.at(Gp.RDI, BlockSlots.C));
    asm.mov(STRIDE, Parameters.at(Gp.RDI, BlockSlots.C_STRIDE));
    asm.mov(TURNS, Parameters.at(Gp.RDI, BlockSlots.TURNS));
    asm.mov(SCRATCH, Parameters.at(Gp.RDI, BlockSlots.MASK));
    asm.kmovw(Mask.K1, SCRATCH);
    asm.broadcast(NIBBLES, Parameters.at(Gp.RDI, BlockSlots.CONSTANTS));
    if (format == BlockPanels.Q6_K) {
      asm.broadcast(HIGH_BITS, mem(Gp.RDI, BlockSlots.CONSTANTS * Long.BYTES + Float.BYTES));
    }
    asm.bind(turn);
    asm.mov(A, Parameters.at(Gp.RDI, BlockSlots.A));
    asm.mov(COUNT, Parameters.at(Gp.RDI, BlockSlots.UNITS));
    for (int i = 0; i < rows * panels; i++) {
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
    asm.pop(PAIRS);
    asm.ret();
    return new NativeKernel(asm.toByteArray());
  }

  private void unit() {
    switch (format) {
      case Q8_0 -> {
        scales();
        integers();
        for (int step = 0; step < 8; step++) {
          for (int panel = 0; panel < panels; panel++) {
            Mem weights = weights(panel, BlockPanels.HALVES_BYTES, step);
            fetch(weights);
            asm.load(v(WEIGHTS + panel), weights);
          }
          dot(step);
        }
        accumulate();
        asm.add(A, recordBytes());
      }
      case Q4_0 -> {
        scales();
        integers();
        for (int step = 0; step < 8; step++) {
          nibbles(BlockPanels.HALVES_BYTES, step % 4, step / 4);
          dot(step);
        }
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
    }
    asm.add(W, format.unitBytes());
  }

  /** The four pairs of groups of a unit of Q4_K, in a loop. */
  private void pairs() {
    Label pair = new Label();
    asm.op(Op.CVTPH2PS, UNIT_SCALES, mem(W, 0));
    asm.op(Op.CVTPH2PS, UNIT_SHIFTS, mem(W, BlockPanels.HALVES_BYTES));
    asm.add(W, 2 * BlockPanels.HALVES_BYTES);
    asm.mov(PAIRS, 4);
    asm.bind(pair);
    for (int group = 0; group < 2; group++) {
      groupFactor(v(SCALES), UNIT_SCALES, group * BlockPanels.WIDTH);
      groupFactor(SHIFTS, UNIT_SHIFTS, (2 + group) * BlockPanels.WIDTH);
      for (int row = 0; row < rows; row++) {
        asm.zero(integers(row, 0));
      }
      for (int step = 0; step < 8; step++) {
        nibbles(4 * BlockPanels.WIDTH, step, group);
        dot(step);
      }
      accumulate();
      for (int row = 0; row < rows; row++) {
        asm.opBroadcast(Op.FNMADD231PS, sum(row, 0), SHIFTS, correction(row, 0));
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
    asm.op(Op.CVTPH2PS, UNIT_SCALES, mem(W, 0));
    asm.add(W, BlockPanels.HALVES_BYTES);
    asm.mov(PAIRS, 2);
    asm.bind(part);
    for (int group = 0; group < 8; group++) {
      int quarter = group / 2;
      asm.op(Op.PMOVSXBD, v(SCALES), mem(W, group * BlockPanels.WIDTH));
      asm.op(Op.CVTDQ2PS, v(SCALES), v(SCALES));
      asm.op(Op.MULPS, v(SCALES), v(SCALES), UNIT_SCALES);
      for (int row = 0; row < rows; row++) {
        asm.broadcast(integers(row, 0), correction(row, group % 2));
      }
      for (int i = 0; i < 4; i++) {
        int step = group % 2 * 4 + i;
        sixBits(quarter, step);
        dot(step);
      }
      accumulate();
      if (group % 2 == 1) {
        asm.add(A, recordBytes());
      }
    }
    asm.add(W, BlockPanels.PART_BYTES);
    asm.sub(PAIRS, 1);
    asm.jump(Condition.NOT_ZERO, part);
  }

  /** The weights of a step: nibbles, and two bits shifted to stand above them. */
  private void sixBits(int quarter, int step) {
    int low = BlockPanels.PART_SCALES;
    nibbles(low, quarter % 2 * 8 + step, quarter / 2);
    if (quarter == 0) {
      fetch(weights(0, low + BlockPanels.PART_LOW, step));
    }
    asm.load(HIGH, weights(0, low + BlockPanels.PART_LOW, step));
    switch (quarter) {
      case 0 -> asm.shiftLeft(HIGH, HIGH, 4);
      case 1 -> asm.shiftLeft(HIGH, HIGH, 2);
      case 3 -> asm.shiftRightLogical(HIGH, HIGH, 2);
      default -> {
        // they are there already
      }
    }
    asm.op(Op.ANDPS, HIGH, HIGH, HIGH_BITS);
    asm.op(Op.ORPS, v(WEIGHTS), v(WEIGHTS), HIGH);
  }

  /** to = bytes of the panel as floats, times the unit's factor. */
  private void groupFactor(Vec to, Vec factor, int offset) {
    asm.op(Op.PMOVZXBD, to, mem(W, offset));
    asm.op(Op.CVTDQ2PS, to, to);
    asm.op(Op.MULPS, to, to, factor);
  }

  private void scales() {
    for (int panel = 0; panel < panels; panel++) {
      asm.op(Op.CVTPH2PS, v(SCALES + panel), inPanel(panel, 0));
    }
  }

  /** Integers start with what makes up for the elements' zero. */
  private void integers() {
    for (int row = 0; row < rows; row++) {
      asm.broadcast(integers(row, 0), correction(row, 0));
      for (int panel = 1; panel < panels; panel++) {
        asm.move(integers(row, panel), integers(row, 0));
      }
    }
  }

  private void nibbles(int offset, int word, int high) {
    for (int panel = 0; panel < panels; panel++) {
      Vec weights = v(WEIGHTS + panel);
      if (high == 0) {
        fetch(weights(panel, offset, word));
        asm.op(Op.ANDPS, weights, NIBBLES, weights(panel, offset, word));
      } else {
        asm.load(weights, weights(panel, offset, word));
        asm.shiftRightLogical(weights, weights, 4);
        asm.op(Op.ANDPS, weights, NIBBLES, weights);
      }
    }
  }

  /** Four elements of every row and column. */
  private void dot(int step) {
    for (int row = 0; row < rows; row++) {
      Mem x = mem(A, row * BlockPanels.BLOCK + step * Integer.BYTES);
      if (panels == 1) {
        asm.opBroadcast(Op.PDPBUSD, integers(row, 0), v(WEIGHTS), x);
      } else {
        asm.broadcast(X, x);
        for (int panel = 0; panel < panels; panel++) {
          asm.op(Op.PDPBUSD, integers(row, panel), v(WEIGHTS + panel), X);
        }
      }
    }
  }

  private void accumulate() {
    for (int row = 0; row < rows; row++) {
      Mem scale = mem(A, rows * BlockPanels.BLOCK + row * Float.BYTES);
      for (int panel = 0; panel < panels; panel++) {
        Vec number = integers(row, panel);
        asm.op(Op.CVTDQ2PS, number, number);
        asm.op(Op.MULPS, number, number, v(SCALES + panel));
        asm.opBroadcast(Op.FMADD231PS, sum(row, panel), number, scale);
      }
    }
  }

  private void store() {
    asm.mov(SCRATCH, C);
    for (int row = 0; row < rows; row++) {
      for (int panel = 0; panel < panels; panel++) {
        Mem to = mem(SCRATCH, panel * BlockPanels.WORDS_BYTES);
        if (panel == panels - 1) {
          asm.store(to, sum(row, panel), Mask.K1);
        } else {
          asm.store(to, sum(row, panel));
        }
      }
      asm.add(SCRATCH, STRIDE);
    }
  }

  /** Brings weights into the cache that come after those of an operand. */
  private void fetch(Mem weights) {
    int displacement = weights.displacement() + BYTES_AHEAD;
    asm.prefetch(new Mem(weights.base(), weights.index(), weights.scale(), displacement));
  }

  private Mem weights(int panel, int offset, int word) {
    return inPanel(panel, offset + word * BlockPanels.WORDS_BYTES);
  }

  private static Mem inPanel(int panel, int offset) {
    return panel == 0 ? mem(W, offset) : mem(W, PANEL, 1, offset);
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
