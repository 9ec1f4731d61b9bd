package io.lockstep.runtime.kernel.jit;

import static io.lockstep.runtime.kernel.jit.Mem.mem;
import static io.lockstep.runtime.kernel.jit.Vec.v;

import io.lockstep.runtime.kernel.Attention;
import io.lockstep.runtime.kernel.jit.Assembler.Condition;

/**
 * Writes attention of a few queries to blocks of positions, whose addresses stand in a table.
 * Slots: see the constants.
 *
 * <p>Blocks lie apart and the processor's own fetching ends at a page, so that the blocks behind
 * those in use are fetched meanwhile: the table goes on by {@link #AHEAD} more.
 */
final class AttentionGenerator {

  /** Entries of the table behind the last block that takes part. */
  static final int AHEAD = 4;

  /** Addresses of keys or of values, and the address behind the last that takes part. */
  static final int TABLE = 0;

  static final int TABLE_END = 1;

  /** Queries, or results. */
  static final int QUERIES = 2;

  /** Bytes from one to the next. */
  static final int QUERIES_STRIDE = 3;

  /** Scores, or weights. */
  static final int SCORES = 4;

  /** Bytes from those of a query to those of the next. */
  static final int SCORES_STRIDE = 5;

  /** Score: the factor, a float. */
  static final int SCALE = 6;

  /** Score: bytes of the keys of a block. */
  static final int KEY_BYTES = 7;

  /** Mix: bytes of a position's values. */
  static final int VALUE_BYTES = 8;

  /** Mix: where in a block the first of them are. */
  static final int FIRST = 9;

  /** Mix: positions of each block. */
  static final int POSITIONS = 10;

  private static final int LINE = 64;
  private static final int VECTOR = Attention.BLOCK * Float.BYTES;

  private static final Gp ENTRY = Gp.RSI;
  private static final Gp OFFSET = Gp.RAX;
  private static final Gp STRIDE = Gp.R9;

  /** The first, fourth and seventh of up to eight rows that stand a stride apart. */
  private static final Gp[] EACH_THIRD = {Gp.RDX, Gp.RCX, Gp.R8};

  private static final Gp[] BLOCKS = {Gp.R10, Gp.R11, Gp.RBX, Gp.RBP};
  private static final Gp[] NEXT = {Gp.R12, Gp.R13, Gp.R14, Gp.R15};
  private static final Gp[] SAVED = {Gp.RBX, Gp.RBP, Gp.R12, Gp.R13, Gp.R14, Gp.R15};

  private final Isa isa;
  private final Assembler asm;
  private final int queries;

  private AttentionGenerator(Isa isa, int queries) {
    this.isa = isa;
    this.asm = new Assembler(isa);
    this.queries = queries;
  }

  /** Queries of a call at most. */
  static int mostQueries(Isa isa) {
    return switch (isa) {
      case AVX512 -> 8;
      case AVX2 -> 4;
    };
  }

  /** Blocks that a score of so many queries works on at a time, so that registers suffice. */
  static int blocksAtATime(Isa isa, int queries) {
    int sums = mostQueries(isa) * 2 / queries * isa.lanes() / Attention.BLOCK;
    return Math.clamp(Integer.highestOneBit(Math.max(1, sums)), 1, BLOCKS.length);
  }

  /** Vectors of results that a mix of so many queries works on at most. */
  static int vectorsAtATime(Isa isa, int queries) {
    int sums = isa == Isa.AVX512 ? 24 : 8;
    return Math.min(4, Integer.highestOneBit(sums / queries));
  }

  /** Scores of so many queries; the number of blocks is a multiple of {@code blocks}. */
  static NativeKernel score(Isa isa, int queries, int blocks) {
    return new AttentionGenerator(isa, queries).writeScore(blocks);
  }

  /** The mix of so many vectors of values for some queries. */
  static NativeKernel mix(Isa isa, int queries, int vectors) {
    return new AttentionGenerator(isa, queries).writeMix(vectors);
  }

  /*
   * A vector of sums for each query and vector of positions. With several queries, keys stand in
   * registers and each element of a query in all lanes of another; a lone query needs the keys once.
   */
  private NativeKernel writeScore(int blocks) {
    int parts = Attention.BLOCK / isa.lanes();
    int keys = blocks * parts;
    int firstKey = queries * keys;
    Vec x = v(firstKey + (queries == 1 ? 0 : keys));
    begin();
    asm.mov(STRIDE, Parameters.at(Gp.RDI, QUERIES_STRIDE));
    Label turn = new Label();
    asm.bind(turn);
    rows(QUERIES);
    for (int block = 0; block < blocks; block++) {
      asm.mov(BLOCKS[block], mem(ENTRY, block * Long.BYTES));
      asm.mov(NEXT[block], mem(ENTRY, (blocks + block) * Long.BYTES));
    }
    for (int sum = 0; sum < firstKey; sum++) {
      asm.zero(v(sum));
    }
    asm.mov(OFFSET, 0);
    Label element = new Label();
    asm.bind(element);
    for (int block = 0; block < blocks; block++) {
      asm.prefetch(mem(NEXT[block], OFFSET, 1, 0));
    }
    if (queries > 1) {
      for (int key = 0; key < keys; key++) {
        asm.load(v(firstKey + key), key(key, parts));
      }
    }
    for (int query = 0; query < queries; query++) {
      asm.broadcast(x, row(query));
      for (int key = 0; key < keys; key++) {
        Vec sum = v(query * keys + key);
        if (queries > 1) {
          asm.op(Op.FMADD231PS, sum, x, v(firstKey + key));
        } else {
          asm.op(Op.FMADD231PS, sum, x, key(key, parts));
        }
      }
    }
    nextElement();
    asm.add(OFFSET, VECTOR);
    asm.cmp(OFFSET, Parameters.at(Gp.RDI, KEY_BYTES));
    asm.jump(Condition.LESS, element);
    asm.broadcast(x, Parameters.at(Gp.RDI, SCALE));
    asm.mov(OFFSET, Parameters.at(Gp.RDI, SCORES));
    for (int sum = 0; sum < firstKey; sum++) {
      asm.op(Op.MULPS, v(sum), v(sum), x);
      asm.store(mem(OFFSET, sum % keys * isa.vectorBytes()), v(sum));
      if (sum % keys == keys - 1) {
        asm.add(OFFSET, Parameters.at(Gp.RDI, SCORES_STRIDE));
      }
    }
    asm.mov(OFFSET, Parameters.at(Gp.RDI, SCORES));
    asm.add(OFFSET, blocks * VECTOR);
    asm.mov(Parameters.at(Gp.RDI, SCORES), OFFSET);
    nextBlocks(blocks, turn);
    return end();
  }

  private Mem key(int key, int parts) {
    return mem(BLOCKS[key / parts], OFFSET, 1, key % parts * isa.vectorBytes());
  }

  private NativeKernel writeMix(int vectors) {
    Gp value = BLOCKS[0];
    Gp position = BLOCKS[1];
    Gp bytes = BLOCKS[2];
    Gp next = NEXT[0];
    int firstValue = queries * vectors;
    Vec weight = v(firstValue + (queries == 1 ? 0 : vectors));
    begin();
    results(vectors, true);
    asm.mov(STRIDE, Parameters.at(Gp.RDI, SCORES_STRIDE));
    asm.mov(bytes, Parameters.at(Gp.RDI, VALUE_BYTES));
    rows(SCORES);
    Label turn = new Label();
    asm.bind(turn);
    asm.mov(value, mem(ENTRY, 0));
    asm.add(value, Parameters.at(Gp.RDI, FIRST));
    asm.mov(next, mem(ENTRY, 2 * Long.BYTES));
    asm.add(next, Parameters.at(Gp.RDI, FIRST));
    asm.mov(position, Parameters.at(Gp.RDI, POSITIONS));
    Label slot = new Label();
    asm.bind(slot);
    for (int i = 0; i < vectors; i++) {
      int offset = i * isa.vectorBytes();
      if (offset % LINE == 0) {
        asm.prefetch(mem(next, offset));
      }
      if (queries > 1) {
        asm.load(v(firstValue + i), mem(value, offset));
      }
    }
    for (int query = 0; query < queries; query++) {
      asm.broadcast(weight, row(query));
      for (int i = 0; i < vectors; i++) {
        Vec sum = v(query * vectors + i);
        if (queries > 1) {
          asm.op(Op.FMADD231PS, sum, weight, v(firstValue + i));
        } else {
          asm.op(Op.FMADD231PS, sum, weight, mem(value, i * isa.vectorBytes()));
        }
      }
    }
    nextElement();
    asm.add(value, bytes);
    asm.add(next, bytes);
    asm.sub(position, 1);
    asm.jump(Condition.NOT_ZERO, slot);
    nextBlocks(1, turn);
    results(vectors, false);
    return end();
  }

  /** Loads or stores the results of all queries. */
  private void results(int vectors, boolean loads) {
    asm.mov(OFFSET, Parameters.at(Gp.RDI, QUERIES));
    for (int query = 0; query < queries; query++) {
      for (int i = 0; i < vectors; i++) {
        Vec result = v(query * vectors + i);
        Mem at = mem(OFFSET, i * isa.vectorBytes());
        if (loads) {
          asm.load(result, at);
        } else {
          asm.store(at, result);
        }
      }
      asm.add(OFFSET, Parameters.at(Gp.RDI, QUERIES_STRIDE));
    }
  }

  /** Points to the rows that start at a slot's address. */
  private void rows(int slot) {
    asm.mov(EACH_THIRD[0], Parameters.at(Gp.RDI, slot));
    for (int third = 1; third <= (queries - 1) / 3; third++) {
      asm.lea(EACH_THIRD[third], mem(EACH_THIRD[third - 1], STRIDE, 2, 0));
      asm.add(EACH_THIRD[third], STRIDE);
    }
  }

  /** The element that a row is at. */
  private Mem row(int row) {
    Gp base = EACH_THIRD[row / 3];
    return row % 3 == 0 ? mem(base, 0) : mem(base, STRIDE, row % 3, 0);
  }

  private void nextElement() {
    for (int third = 0; third <= (queries - 1) / 3; third++) {
      asm.add(EACH_THIRD[third], Float.BYTES);
    }
  }

  private void nextBlocks(int blocks, Label turn) {
    asm.add(ENTRY, blocks * Long.BYTES);
    asm.cmp(ENTRY, Parameters.at(Gp.RDI, TABLE_END));
    asm.jump(Condition.LESS, turn);
  }

  private void begin() {
    for (Gp register : SAVED) {
      asm.push(register);
    }
    asm.mov(ENTRY, Parameters.at(Gp.RDI, TABLE));
  }

  private NativeKernel end() {
    for (int i = SAVED.length - 1; i >= 0; i--) {
      asm.pop(SAVED[i]);
    }
    asm.vzeroupper();
    asm.ret();
    return new NativeKernel(asm.toByteArray());
  }
}
