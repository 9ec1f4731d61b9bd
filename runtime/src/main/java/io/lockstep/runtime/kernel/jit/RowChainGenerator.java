package io.lockstep.runtime.kernel.jit;

import static io.lockstep.runtime.kernel.jit.Mem.mem;
import static io.lockstep.runtime.kernel.jit.Vec.v;

import io.lockstep.runtime.kernel.RowChain;
import io.lockstep.runtime.kernel.RowChain.Place;
import io.lockstep.runtime.kernel.jit.Assembler.Condition;
import java.util.List;

/**
 * Writes a loop over rows that computes some {@link Expression}s for every element: whole vectors
 * first, then the rest under a mask. The columns are part of the code, so that one register for
 * each array reaches all its stretches.
 */
final class RowChainGenerator {

  static final int ROWS_SLOT = 0;
  static final int CONSTANTS_SLOT = 1;
  static final int MASK_SLOT = 2;

  /** The first of the arrays' addresses. */
  static final int ARRAYS_SLOT = 3;

  /** The first of the bytes between the rows of an array. */
  static final int STRIDES_SLOT = ARRAYS_SLOT + RowChain.MOST_ARRAYS;

  private static final Gp PARAMETERS = Gp.RDI;
  private static final Gp CONSTANTS = Gp.R8;

  /** Bytes from a stretch's first element. */
  private static final Gp AT = Gp.RAX;

  private static final Gp ROWS = Gp.RBX;
  private static final Gp[] ARRAYS = {Gp.RSI, Gp.RDX, Gp.RCX, Gp.R9, Gp.R10, Gp.R11};

  private final Assembler asm;
  private final Isa isa;
  private final RowChain chain;
  private final ExpressionWriter writer;

  /** A generator for a chain whose results are these expressions. */
  RowChainGenerator(Isa isa, RowChain chain, List<Expression> results) {
    this.asm = new Assembler(isa);
    this.isa = isa;
    this.chain = chain;
    // no expression has parameters
    this.writer = new ExpressionWriter(asm, results, CONSTANTS, mem(PARAMETERS, 0));
  }

  /** Registers that an expression may use. */
  static int registers(Isa isa, int columns) {
    return isa.registers() - (isa == Isa.AVX2 && columns % isa.lanes() != 0 ? 1 : 0);
  }

  LoopGenerator.Loop generate() {
    int whole = chain.columns() / isa.lanes() * isa.vectorBytes();
    boolean hasRest = chain.columns() % isa.lanes() != 0;
    Label row = new Label();
    asm.push(ROWS);
    if (hasRest) {
      loadMask();
    }
    asm.mov(ROWS, Parameters.at(PARAMETERS, ROWS_SLOT));
    asm.mov(CONSTANTS, Parameters.at(PARAMETERS, CONSTANTS_SLOT));
    for (int i = 0; i < ARRAYS.length; i++) {
      asm.mov(ARRAYS[i], Parameters.at(PARAMETERS, ARRAYS_SLOT + i));
    }
    writer.hold(0, registers(isa, chain.columns()));
    asm.bind(row);
    asm.mov(AT, 0);
    if (whole > 0) {
      Label turn = new Label();
      asm.bind(turn);
      body(false);
      asm.add(AT, isa.vectorBytes());
      asm.cmp(AT, whole);
      asm.jump(Condition.LESS, turn);
    }
    if (hasRest) {
      body(true);
    }
    for (int i = 0; i < ARRAYS.length; i++) {
      asm.add(ARRAYS[i], Parameters.at(PARAMETERS, STRIDES_SLOT + i));
    }
    asm.sub(ROWS, 1);
    asm.jump(Condition.NOT_ZERO, row);
    asm.vzeroupper();
    asm.pop(ROWS);
    asm.ret();
    return new LoopGenerator.Loop(new NativeKernel(asm.toByteArray()), writer.constants());
  }

  private void loadMask() {
    asm.mov(AT, Parameters.at(PARAMETERS, MASK_SLOT));
    if (isa == Isa.AVX512) {
      asm.kmovw(Mask.K1, AT);
    } else {
      asm.load(avx2Mask(), mem(AT, 0));
    }
  }

  /** One vector of elements. */
  private void body(boolean masked) {
    writer.write(
        registers(isa, chain.columns()),
        (to, input) -> load(to, chain.inputs().get(input.index()), masked),
        (from, result) ->
            chain.results().get(result).places().forEach(place -> store(place, from, masked)));
  }

  private void load(Vec to, Place place, boolean masked) {
    Mem from = address(place);
    if (!masked) {
      asm.load(to, from);
    } else if (isa == Isa.AVX512) {
      asm.load(to, from, Mask.K1);
    } else {
      asm.load(to, from, avx2Mask());
    }
  }

  private void store(Place place, Vec from, boolean masked) {
    Mem to = address(place);
    if (!masked) {
      asm.store(to, from);
    } else if (isa == Isa.AVX512) {
      asm.store(to, from, Mask.K1);
    } else {
      asm.store(to, from, avx2Mask());
    }
  }

  private static Mem address(Place place) {
    return mem(ARRAYS[place.array()], AT, 1, Math.multiplyExact(place.column(), Float.BYTES));
  }

  private Vec avx2Mask() {
    return v(isa.registers() - 1);
  }
}
