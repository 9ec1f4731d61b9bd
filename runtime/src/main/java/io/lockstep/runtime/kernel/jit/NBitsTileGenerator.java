package io.lockstep.runtime.kernel.jit;

import static io.lockstep.runtime.kernel.jit.Mem.mem;
import static io.lockstep.runtime.kernel.jit.Vec.v;

import io.lockstep.runtime.kernel.jit.Assembler.Condition;

/**
 * Writes kernels that multiply a few rows of floats with {@link NBitsPanels}, whose elements are
 * widened in registers: an element of the result is one chain of fused multiply-adds in ascending
 * k, whatever tile it is in. Without rows a kernel stores the floats: [k, columns of the panels].
 */
final class NBitsTileGenerator {

  /** Panels of the widest tile. */
  static final int MOST_PANELS = 4;

  /** Sums of a tile of AVX-512, in vectors, so that all stay in registers. */
  private static final int MOST_SUMS = 24;

  /** How far ahead weights are fetched: two pages, at whose ends the processor's own would stop. */
  private static final int BYTES_AHEAD = 8192;

  private static final Gp PARAMETERS = Gp.RDI;
  private static final Gp W = Gp.RSI;
  private static final Gp W_NEXT = Gp.RBP;
  private static final Gp PANEL = Gp.RBX;

  /** Where the block starts, of the first panel and of the second. */
  private static final Gp HEAD = Gp.RDX;

  private static final Gp HEAD_NEXT = Gp.R13;

  private static final Gp COUNT = Gp.RCX;
  private static final Gp LEFT = Gp.R12;
  private static final Gp A_STRIDE = Gp.RAX;

  /** Every third row of a; the two behind it are reached by the stride. */
  private static final Gp[] ROWS = {Gp.R8, Gp.R9, Gp.R10, Gp.R11};

  /** Results; where floats are stored, there are no rows. */
  private static final Gp C = Gp.R8;

  private final Assembler asm;
  private final Isa isa;
  private final int bits;
  private final boolean hasZeros;
  private final int rows;

  /** Vectors of columns in a panel and in a tile. */
  private final int parts;

  private final int vectors;
  private final NBitsWidening widening;

  /** A float of a, where an operand cannot broadcast it. */
  private final Vec a;

  private final Vec w;

  NBitsTileGenerator(Isa isa, int bits, boolean hasZeros, int rows, int panels) {
    int mostPanels = rows == 0 ? MOST_PANELS : panelsFor(isa, rows);
    if (rows > mostRows(isa) || panels > mostPanels) {
      throw new IllegalArgumentException(rows + " rows of " + panels + " panels");
    }
    this.asm = new Assembler(isa);
    this.isa = isa;
    this.bits = bits;
    this.hasZeros = hasZeros;
    this.rows = rows;
    this.parts = BlockPanels.WIDTH / isa.lanes();
    this.vectors = panels * parts;
    int top = isa.registers();
    this.w = v(top - 3);
    this.a = v(top - 4);
    this.widening = new NBitsWidening(asm, bits, hasZeros, v(top - 1), v(top - 2));
  }

  /** Rows of the largest tile. */
  static int mostRows(Isa isa) {
    return isa == Isa.AVX512 ? 12 : 5;
  }

  /** Panels that a tile of so many rows should cover, so that enough sums are in flight. */
  static int panelsFor(Isa isa, int rows) {
    return isa == Isa.AVX512 ? Math.min(MOST_PANELS, MOST_SUMS / rows) : rows <= 2 ? 2 : 1;
  }

  private Vec sum(int row, int vector) {
    return v(row * vectors + vector);
  }

  private Vec word(int vector) {
    return v(rows * vectors + vector);
  }

  NativeKernel generate() {
    Gp[] saved = {Gp.RBX, Gp.RBP, Gp.R12, Gp.R13};
    for (Gp register : saved) {
      asm.push(register);
    }
    begin();
    blocks();
    if (rows > 0) {
      store();
    }
    asm.vzeroupper();
    for (int i = saved.length - 1; i >= 0; i--) {
      asm.pop(saved[i]);
    }
    asm.ret();
    return new NativeKernel(asm.toByteArray());
  }

  private void begin() {
    asm.mov(W, Parameters.at(PARAMETERS, NBitsSlots.W));
    asm.mov(PANEL, Parameters.at(PARAMETERS, NBitsSlots.PANEL_BYTES));
    asm.mov(LEFT, Parameters.at(PARAMETERS, NBitsSlots.WORDS));
    asm.mov(A_STRIDE, Parameters.at(PARAMETERS, NBitsSlots.A_STRIDE));
    asm.lea(W_NEXT, mem(W, PANEL, 1, 0));
    int slot = rows == 0 ? NBitsSlots.C : NBitsSlots.A;
    asm.mov(ROWS[0], Parameters.at(PARAMETERS, slot));
    for (int i = 1; i * 3 < rows; i++) {
      asm.lea(ROWS[i], mem(ROWS[i - 1], A_STRIDE, 2, 0));
      asm.add(ROWS[i], A_STRIDE);
    }
    widening.loadConstants(PARAMETERS);
    for (int i = 0; i < rows * vectors; i++) {
      asm.zero(v(i));
    }
  }

  private void blocks() {
    Label block = new Label();
    Label whole = new Label();
    Label word = new Label();
    Label done = new Label();
    asm.test(LEFT, LEFT);
    asm.jump(Condition.ZERO, done);
    asm.bind(block);
    asm.lea(HEAD, mem(W, 0));
    asm.lea(HEAD_NEXT, mem(W_NEXT, 0));
    int headBytes = (hasZeros ? 2 : 1) * BlockPanels.WORDS_BYTES;
    asm.add(W, headBytes);
    asm.add(W_NEXT, headBytes);
    asm.mov(COUNT, LEFT);
    asm.cmp(LEFT, Parameters.at(PARAMETERS, NBitsSlots.BLOCK_WORDS));
    asm.jump(Condition.LESS, whole);
    asm.mov(COUNT, Parameters.at(PARAMETERS, NBitsSlots.BLOCK_WORDS));
    asm.bind(whole);
    asm.bind(word);
    word();
    asm.sub(LEFT, 1);
    asm.sub(COUNT, 1);
    asm.jump(Condition.NOT_ZERO, word);
    asm.test(LEFT, LEFT);
    asm.jump(Condition.NOT_ZERO, block);
    asm.bind(done);
  }

  /** The elements of a word of each lane. */
  private void word() {
    for (int vector = 0; vector < vectors; vector++) {
      Mem from = at(W, W_NEXT, vector, 0);
      if (vector % parts == 0) {
        asm.prefetch(at(W, W_NEXT, vector, BYTES_AHEAD));
      }
      asm.load(word(vector), from);
    }
    int elements = Integer.SIZE / bits;
    for (int element = 0; element < elements; element++) {
      for (int vector = 0; vector < vectors; vector++) {
        Mem scales = at(HEAD, HEAD_NEXT, vector, 0);
        Mem zeros = at(HEAD, HEAD_NEXT, vector, BlockPanels.WORDS_BYTES);
        widening.widen(element, word(vector), w, scales, zeros);
        use(element, vector);
      }
    }
    asm.add(W, BlockPanels.WORDS_BYTES);
    asm.add(W_NEXT, BlockPanels.WORDS_BYTES);
    int step = rows == 0 ? vectors * isa.vectorBytes() : Float.BYTES;
    for (int i = 0; i == 0 || i * 3 < rows; i++) {
      asm.add(ROWS[i], elements * step);
    }
  }

  /** Multiplies the floats of an element with those of a, or stores them. */
  private void use(int element, int vector) {
    if (rows == 0) {
      asm.store(mem(C, (element * vectors + vector) * isa.vectorBytes()), w);
    }
    for (int row = 0; row < rows; row++) {
      Mem from = aElement(row, element);
      if (isa == Isa.AVX512) {
        asm.opBroadcast(Op.FMADD231PS, sum(row, vector), w, from);
      } else {
        asm.broadcast(a, from);
        asm.op(Op.FMADD231PS, sum(row, vector), w, a);
      }
    }
  }

  private Mem aElement(int row, int element) {
    Gp base = ROWS[row / 3];
    int at = element * Float.BYTES;
    return row % 3 == 0 ? mem(base, at) : mem(base, A_STRIDE, row % 3, at);
  }

  /** An operand of a vector, by registers that point into the first panel and the second. */
  private Mem at(Gp first, Gp second, int vector, int offset) {
    int at = offset + vector % parts * isa.vectorBytes();
    return switch (vector / parts) {
      case 0 -> mem(first, at);
      case 1 -> mem(first, PANEL, 1, at);
      case 2 -> mem(first, PANEL, 2, at);
      default -> mem(second, PANEL, 2, at);
    };
  }

  private void store() {
    asm.mov(C, Parameters.at(PARAMETERS, NBitsSlots.C));
    for (int row = 0; row < rows; row++) {
      for (int vector = 0; vector < vectors; vector++) {
        asm.store(mem(C, vector * isa.vectorBytes()), sum(row, vector));
      }
      asm.add(C, Parameters.at(PARAMETERS, NBitsSlots.C_STRIDE));
    }
  }
}
