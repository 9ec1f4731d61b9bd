package io.lockstep.runtime.kernel.jit;

import static io.lockstep.runtime.kernel.jit.Mem.mem;
import static io.lockstep.runtime.kernel.jit.Vec.v;

import io.lockstep.runtime.kernel.jit.Assembler.Condition;

/**
 * What kernels of windows have in common: tiles of results in the first registers, one beside the
 * other, each a vector of channels at a time, and what is added to sums of floats.
 */
abstract class WindowCode {

  static final Gp PARAMETERS = Gp.RDI;

  /** Where the vector starts within a pixel, in bytes of x. */
  static final Gp OFFSET = Gp.RCX;

  static final Gp LINE = Gp.RAX;

  final Assembler asm;
  final Isa isa;
  final WindowFold fold;
  private final int results;

  WindowCode(Isa isa, WindowFold fold, int results) {
    this.asm = new Assembler(isa);
    this.isa = isa;
    this.fold = fold;
    this.results = results;
  }

  /** Writes one vector of a tile. */
  abstract void vector();

  final void tiles() {
    Label tile = new Label();
    Label vector = new Label();
    Label next = new Label();
    asm.bind(tile);
    asm.mov(OFFSET, 0);
    asm.bind(vector);
    vector();
    asm.cmp(OFFSET, slot(WindowSlots.LAST_VECTOR));
    asm.jump(Condition.ZERO, next);
    asm.add(OFFSET, isa.lanes() * fold.elementBytes());
    asm.cmp(OFFSET, slot(WindowSlots.LAST_VECTOR));
    asm.jump(Condition.LESS, vector);
    asm.mov(OFFSET, slot(WindowSlots.LAST_VECTOR));
    asm.jump(vector);
    asm.bind(next);
    advance(WindowSlots.X, WindowSlots.X_TILE);
    advance(WindowSlots.Y, WindowSlots.Y_TILE);
    if (fold == WindowFold.PRODUCTS) {
      Label none = new Label();
      unless(TileSlots.RESIDUAL, none);
      advance(TileSlots.RESIDUAL, WindowSlots.Y_TILE);
      asm.bind(none);
    }
    asm.mov(LINE, slot(WindowSlots.TILES));
    asm.sub(LINE, 1);
    asm.mov(slot(WindowSlots.TILES), LINE);
    asm.jump(Condition.NOT_ZERO, tile);
  }

  static Mem slot(int slot) {
    return Parameters.at(PARAMETERS, slot);
  }

  private void advance(int slot, int stepSlot) {
    asm.mov(LINE, slot(slot));
    asm.add(LINE, slot(stepSlot));
    asm.mov(slot(slot), LINE);
  }

  /** Jumps when a slot is zero; else {@link #LINE} holds it. */
  final void unless(int slot, Label target) {
    asm.mov(LINE, slot(slot));
    asm.test(LINE, LINE);
    asm.jump(Condition.ZERO, target);
  }

  /** The vector's channels among 32-bit ones. */
  final Mem wide(Gp base, int displacement) {
    return mem(base, OFFSET, Float.BYTES / fold.elementBytes(), displacement);
  }

  final void addBias(Vec temporary) {
    Label none = new Label();
    unless(TileSlots.BIAS, none);
    asm.load(temporary, wide(LINE, 0));
    for (int i = 0; i < results; i++) {
      asm.op(Op.ADDPS, v(i), v(i), temporary);
    }
    asm.bind(none);
  }

  /** A NaN stays one: the second operand is taken where one of both is a NaN. */
  final void clamp(Vec lowest, Vec highest) {
    Label none = new Label();
    unless(TileSlots.CLAMPS, none);
    asm.broadcast(lowest, slot(TileSlots.BOUNDS));
    asm.broadcast(highest, mem(PARAMETERS, TileSlots.BOUNDS * Long.BYTES + Float.BYTES));
    for (int i = 0; i < results; i++) {
      asm.op(Op.MAXPS, v(i), lowest, v(i));
      asm.op(Op.MINPS, v(i), highest, v(i));
    }
    asm.bind(none);
  }
}
