package io.lockstep.runtime.kernel.jit;

import static io.lockstep.runtime.kernel.jit.Mem.mem;
import static io.lockstep.runtime.kernel.jit.Vec.v;

import io.lockstep.runtime.kernel.Attention;
import io.lockstep.runtime.kernel.jit.Assembler.Condition;

/**
 * Writes attention to one block of positions for AVX-512, where a vector has as many lanes as a
 * block has positions. Slots: see the constants.
 */
final class AttentionGenerator {

  /** Queries; of a mix their results. */
  static final int QUERIES = 0;

  /** Bytes from one query to the next. */
  static final int QUERY_BYTES = 1;

  /** Keys, or values. */
  static final int BLOCK = 2;

  /** Scores, or weights. */
  static final int SCORES = 3;

  /** Bytes from the scores of a query to those of the next. */
  static final int SCORES_STRIDE = 4;

  /** Score: the factor, a float. */
  static final int SCALE = 5;

  /** Score: turns over elements. Mix: turns over 64 elements. */
  static final int LONG_TURNS = 6;

  /** Score: elements left. Mix: turns over 16 elements. */
  static final int SHORT_TURNS = 7;

  /** Mix: the elements left, as bits of a mask. */
  static final int MASK = 8;

  /** Mix: how many positions. */
  static final int POSITIONS = 9;

  /** Mix: how many queries. */
  static final int COUNT = 10;

  /** Bytes from the block to the one that is fetched into the cache meanwhile. */
  static final int AHEAD = 11;

  /** Queries of a score. */
  static final int MOST_QUERIES = 4;

  /** Vectors of a mix's longer turn. */
  private static final int WIDE = 4;

  private static final int VECTOR = Attention.BLOCK * Float.BYTES;

  private final Assembler asm = new Assembler(Isa.AVX512);

  private AttentionGenerator() {}

  /**
   * Elements that a turn of a score adds, each to a sum of its own, so that additions need not wait
   * for one another.
   */
  static int unrolled(int queries) {
    return MOST_QUERIES / queries;
  }

  /** Scores of so many queries. */
  static NativeKernel score(int queries) {
    return new AttentionGenerator().writeScore(queries);
  }

  /** The mix of values for any number of queries. */
  static NativeKernel mix() {
    return new AttentionGenerator().writeMix();
  }

  private NativeKernel writeScore(int queries) {
    int unrolled = unrolled(queries);
    Gp query = Gp.RSI;
    Gp keys = Gp.RDX;
    Gp[] apart = {Gp.RAX, Gp.R9, Gp.R10, Gp.R11};
    asm.mov(query, Parameters.at(Gp.RDI, QUERIES));
    asm.mov(keys, Parameters.at(Gp.RDI, BLOCK));
    Gp ahead = Gp.R8;
    asm.mov(ahead, Parameters.at(Gp.RDI, AHEAD));
    asm.mov(apart[0], 0);
    for (int i = 1; i < queries; i++) {
      asm.mov(apart[i], apart[i - 1]);
      asm.add(apart[i], Parameters.at(Gp.RDI, QUERY_BYTES));
    }
    for (int i = 0; i < queries * unrolled; i++) {
      asm.zero(v(i));
    }
    Vec key = v(MOST_QUERIES);
    for (int step = unrolled; step > 0; step = step > 1 ? 1 : 0) {
      int elements = step;
      turns(
          Gp.RCX,
          step == unrolled ? LONG_TURNS : SHORT_TURNS,
          () -> {
            for (int element = 0; element < elements; element++) {
              asm.prefetch(mem(keys, ahead, 1, element * VECTOR));
              asm.load(key, mem(keys, element * VECTOR));
              for (int i = 0; i < queries; i++) {
                Mem x = mem(query, apart[i], 1, element * Float.BYTES);
                asm.opBroadcast(Op.FMADD231PS, v(i * unrolled + element), key, x);
              }
            }
            asm.add(query, elements * Float.BYTES);
            asm.add(keys, elements * VECTOR);
          });
    }
    Gp scores = Gp.R8;
    asm.mov(scores, Parameters.at(Gp.RDI, SCORES));
    for (int i = 0; i < queries; i++) {
      Vec sum = v(i * unrolled);
      for (int other = 1; other < unrolled; other++) {
        asm.op(Op.ADDPS, sum, sum, v(i * unrolled + other));
      }
      asm.opBroadcast(Op.MULPS, sum, sum, Parameters.at(Gp.RDI, SCALE));
      asm.store(mem(scores, 0), sum);
      asm.add(scores, Parameters.at(Gp.RDI, SCORES_STRIDE));
    }
    return end();
  }

  private NativeKernel writeMix() {
    Gp results = Gp.RSI;
    Gp column = Gp.RDX;
    Gp weights = Gp.R8;
    asm.push(Gp.RBX);
    asm.mov(Gp.RBX, Parameters.at(Gp.RDI, AHEAD));
    asm.mov(results, Parameters.at(Gp.RDI, QUERIES));
    asm.mov(weights, Parameters.at(Gp.RDI, SCORES));
    asm.mov(Gp.RAX, Parameters.at(Gp.RDI, MASK));
    asm.kmovw(Mask.K1, Gp.RAX);
    turns(
        Gp.R11,
        COUNT,
        () -> {
          asm.mov(column, Parameters.at(Gp.RDI, BLOCK));
          turns(Gp.R10, LONG_TURNS, () -> mixColumns(results, column, weights, WIDE, Mask.K0));
          turns(Gp.R10, SHORT_TURNS, () -> mixColumns(results, column, weights, 1, Mask.K0));
          Label whole = new Label();
          asm.mov(Gp.RAX, Parameters.at(Gp.RDI, MASK));
          asm.test(Gp.RAX, Gp.RAX);
          asm.jump(Condition.ZERO, whole);
          mixColumns(results, column, weights, 1, Mask.K1);
          asm.bind(whole);
          asm.add(weights, Parameters.at(Gp.RDI, SCORES_STRIDE));
          asm.mov(results, Parameters.at(Gp.RDI, QUERIES));
          asm.add(results, Parameters.at(Gp.RDI, QUERY_BYTES));
          asm.mov(Parameters.at(Gp.RDI, QUERIES), results);
        });
    asm.pop(Gp.RBX);
    return end();
  }

  /** Some vectors of elements of one query over all positions. */
  private void mixColumns(Gp results, Gp column, Gp weights, int vectors, Mask mask) {
    Gp value = Gp.RCX;
    Gp weight = Gp.RAX;
    Vec factor = v(WIDE);
    for (int i = 0; i < vectors; i++) {
      loadMasked(v(i), mem(results, i * VECTOR), mask);
    }
    Gp ahead = Gp.RBX;
    asm.mov(value, column);
    asm.mov(weight, weights);
    turns(
        Gp.R9,
        POSITIONS,
        () -> {
          asm.broadcast(factor, mem(weight, 0));
          for (int i = 0; i < vectors; i++) {
            asm.prefetch(mem(value, ahead, 1, i * VECTOR));
            if (mask == Mask.K0) {
              asm.op(Op.FMADD231PS, v(i), factor, mem(value, i * VECTOR));
            } else {
              asm.load(v(WIDE + 1), mem(value, i * VECTOR), mask);
              asm.op(Op.FMADD231PS, v(i), factor, v(WIDE + 1));
            }
          }
          asm.add(value, Parameters.at(Gp.RDI, QUERY_BYTES));
          asm.add(weight, Float.BYTES);
        });
    for (int i = 0; i < vectors; i++) {
      if (mask == Mask.K0) {
        asm.store(mem(results, i * VECTOR), v(i));
      } else {
        asm.store(mem(results, i * VECTOR), v(i), mask);
      }
    }
    asm.add(results, vectors * VECTOR);
    asm.add(column, vectors * VECTOR);
  }

  private void loadMasked(Vec to, Mem from, Mask mask) {
    if (mask == Mask.K0) {
      asm.load(to, from);
    } else {
      asm.load(to, from, mask);
    }
  }

  /** Writes a loop of as many turns as a slot says, none included. */
  private void turns(Gp counter, int slot, Runnable body) {
    Label turn = new Label();
    Label done = new Label();
    asm.mov(counter, Parameters.at(Gp.RDI, slot));
    asm.test(counter, counter);
    asm.jump(Condition.ZERO, done);
    asm.bind(turn);
    body.run();
    asm.sub(counter, 1);
    asm.jump(Condition.NOT_ZERO, turn);
    asm.bind(done);
  }

  private NativeKernel end() {
    asm.vzeroupper();
    asm.ret();
    return new NativeKernel(asm.toByteArray());
  }
}
