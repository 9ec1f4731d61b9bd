package io.lockstep.runtime.kernel.jit;

import static io.lockstep.runtime.kernel.jit.Mem.mem;
import static io.lockstep.runtime.kernel.jit.Vec.v;

import io.lockstep.runtime.kernel.jit.Assembler.Condition;

/**
 * Writes kernels that multiply a few rows of floats with {@link NBitsPanels}. An element of the
 * result is, whatever tile it is in, a chain over the blocks in ascending k: sum = fma(block,
 * scale, sum), where a block is one chain of fused multiply-adds of activations and integers less
 * their zero point. Sums between blocks stay in the results' memory, in the first-level cache.
 */
final class NBitsTileGenerator {

  /** What a kernel does with the integers. */
  enum Source {
    /** They are widened in registers. */
    WORDS,
    /** Floats of them are read. */
    FLOATS,
    /** Floats of them are stored, and there are no rows. */
    STORED
  }

  /** Panels of the widest tile. */
  static final int MOST_PANELS = 4;

  /** Rows of the highest tile. */
  static final int MOST_ROWS = 12;

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
  private static final Gp C = Gp.R14;
  private static final Gp FLOATS = Gp.R15;
  private static final Gp[] SAVED = {Gp.RBX, Gp.RBP, Gp.R12, Gp.R13, Gp.R14, Gp.R15};

  /** Every third row of a; the two behind it are reached by the stride. */
  private static final Gp[] ROWS = {Gp.R8, Gp.R9, Gp.R10, Gp.R11};

  private final Assembler asm;
  private final Isa isa;
  private final Source source;
  private final int bits;
  private final boolean hasZeros;
  private final int rows;

  /** Vectors of columns in a panel and in a tile. */
  private final int parts;

  private final int vectors;
  private final NBitsWidening widening;

  /**
   * A kernel.
   *
   * @param rows 0 where floats are stored
   */
  NBitsTileGenerator(Isa isa, Source source, int bits, boolean hasZeros, int rows, int panels) {
    if (rows > mostRows(isa, source) || panels > panelsFor(isa, source, rows)) {
      throw new IllegalArgumentException(rows + " rows of " + panels + " panels");
    }
    this.asm = new Assembler(isa);
    this.isa = isa;
    this.source = source;
    this.bits = bits;
    this.hasZeros = hasZeros;
    this.rows = rows;
    this.parts = BlockPanels.WIDTH / isa.lanes();
    this.vectors = panels * parts;
    int top = isa.registers();
    this.widening = new NBitsWidening(asm, bits, hasZeros, v(top - 1), v(top - 2));
  }

  /** Rows of the largest tile. */
  static int mostRows(Isa isa, Source source) {
    return isa == Isa.AVX512 ? MOST_ROWS : source == Source.FLOATS ? 6 : 4;
  }

  /** Panels that a tile of so many rows should cover, so that enough sums are in flight. */
  static int panelsFor(Isa isa, Source source, int rows) {
    if (source != Source.WORDS) {
      return isa == Isa.AVX512 ? 2 : 1;
    }
    return isa == Isa.AVX512 ? Math.min(MOST_PANELS, MOST_SUMS / rows) : rows == 1 ? 2 : 1;
  }

  private Vec sum(int row, int vector) {
    return v(row * vectors + vector);
  }

  /** The words of a vector, or its scales behind a block. */
  private Vec word(int vector) {
    return v(rows * vectors + vector);
  }

  /**
   * The floats of an element: AVX-512 has no registers for those of all vectors, but needs none.
   */
  private Vec w(int vector) {
    int words = source == Source.FLOATS ? rows * vectors : (rows + 1) * vectors;
    return isa == Isa.AVX512 ? v((rows + 1) * vectors) : v(words + vector);
  }

  /** A float of a, where an operand cannot broadcast it. */
  private Vec a() {
    return v(w(vectors - 1).number() + 1);
  }

  NativeKernel generate() {
    for (Gp register : SAVED) {
      asm.push(register);
    }
    begin();
    blocks();
    asm.vzeroupper();
    for (int i = SAVED.length - 1; i >= 0; i--) {
      asm.pop(SAVED[i]);
    }
    asm.ret();
    return new NativeKernel(asm.toByteArray());
  }

  private void begin() {
    asm.mov(W, Parameters.at(PARAMETERS, NBitsSlots.W));
    asm.mov(PANEL, Parameters.at(PARAMETERS, NBitsSlots.PANEL_BYTES));
    asm.mov(LEFT, Parameters.at(PARAMETERS, NBitsSlots.WORDS));
    asm.mov(A_STRIDE, Parameters.at(PARAMETERS, NBitsSlots.A_STRIDE));
    asm.mov(FLOATS, Parameters.at(PARAMETERS, NBitsSlots.FLOATS));
    asm.lea(W_NEXT, mem(W, PANEL, 1, 0));
    asm.mov(ROWS[0], Parameters.at(PARAMETERS, NBitsSlots.A));
    for (int i = 1; i * 3 < rows; i++) {
      asm.lea(ROWS[i], mem(ROWS[i - 1], A_STRIDE, 2, 0));
      asm.add(ROWS[i], A_STRIDE);
    }
    if (source != Source.FLOATS) {
      widening.loadConstants(PARAMETERS);
    }
    for (int i = 0; i < rows * vectors; i++) {
      asm.zero(v(i));
    }
    Label continues = new Label();
    asm.mov(COUNT, Parameters.at(PARAMETERS, NBitsSlots.CONTINUES));
    asm.test(COUNT, COUNT);
    asm.jump(Condition.NOT_ZERO, continues);
    eachResult((sum, vector, to) -> asm.store(to, sum));
    asm.bind(continues);
  }

  /** A vector of sums, which one of its row it is, and where it belongs. */
  @FunctionalInterface
  private interface ResultMove {
    void move(Vec sum, int vector, Mem place);
  }

  private void eachResult(ResultMove body) {
    asm.mov(C, Parameters.at(PARAMETERS, NBitsSlots.C));
    for (int row = 0; row < rows; row++) {
      for (int vector = 0; vector < vectors; vector++) {
        body.move(sum(row, vector), vector, mem(C, vector * isa.vectorBytes()));
      }
      asm.add(C, Parameters.at(PARAMETERS, NBitsSlots.C_STRIDE));
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
    if (rows > 0) {
      scale();
    }
    asm.test(LEFT, LEFT);
    asm.jump(Condition.NOT_ZERO, block);
    asm.bind(done);
  }

  /** The elements of a word of each lane. */
  private void word() {
    if (source != Source.FLOATS) {
      for (int vector = 0; vector < vectors; vector++) {
        if (vector % parts == 0) {
          asm.prefetch(at(W, W_NEXT, vector, BYTES_AHEAD));
        }
        asm.load(word(vector), at(W, W_NEXT, vector, 0));
      }
    }
    int elements = Integer.SIZE / bits;
    for (int element = 0; element < elements; element++) {
      for (int vector = 0; vector < vectors; vector++) {
        weights(element, vector);
        if (isa == Isa.AVX512) {
          multiplyAdd(element, vector);
        }
      }
      if (isa == Isa.AVX2) {
        multiplyAdd(element);
      }
    }
    asm.add(W, BlockPanels.WORDS_BYTES);
    asm.add(W_NEXT, BlockPanels.WORDS_BYTES);
    for (int i = 0; i * 3 < rows; i++) {
      asm.add(ROWS[i], elements * Float.BYTES);
    }
    if (source != Source.WORDS) {
      asm.add(FLOATS, elements * vectors * isa.vectorBytes());
    }
  }

  private void weights(int element, int vector) {
    Mem floats = mem(FLOATS, (element * vectors + vector) * isa.vectorBytes());
    if (source == Source.FLOATS) {
      asm.load(w(vector), floats);
      return;
    }
    Mem words = at(W, W_NEXT, vector, 0);
    Mem zeros = at(HEAD, HEAD_NEXT, vector, BlockPanels.WORDS_BYTES);
    widening.widen(element, words, word(vector), w(vector), zeros);
    if (source == Source.STORED) {
      asm.store(floats, w(vector));
    }
  }

  private void multiplyAdd(int element, int vector) {
    for (int row = 0; row < rows; row++) {
      asm.opBroadcast(Op.FMADD231PS, sum(row, vector), w(vector), aElement(row, element));
    }
  }

  private void multiplyAdd(int element) {
    for (int row = 0; row < rows; row++) {
      asm.broadcast(a(), aElement(row, element));
      for (int vector = 0; vector < vectors; vector++) {
        asm.op(Op.FMADD231PS, sum(row, vector), w(vector), a());
      }
    }
  }

  private Mem aElement(int row, int element) {
    Gp base = ROWS[row / 3];
    int at = element * Float.BYTES;
    return row % 3 == 0 ? mem(base, at) : mem(base, A_STRIDE, row % 3, at);
  }

  /** Adds the sums of a block to the results, and starts with the next one's. */
  private void scale() {
    for (int vector = 0; vector < vectors; vector++) {
      asm.load(word(vector), at(HEAD, HEAD_NEXT, vector, 0));
    }
    eachResult((sum, vector, result) -> {
      asm.op(Op.FMADD213PS, sum, word(vector), result);
      asm.store(result, sum);
      asm.zero(sum);
    });
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
}
