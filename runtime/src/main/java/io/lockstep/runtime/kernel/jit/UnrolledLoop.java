package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.jit.Assembler.Condition;

/** Writes a counted loop that goes in turns of several steps, and does the rest step by step. */
final class UnrolledLoop {

  private UnrolledLoop() {}

  /**
   * Writes the loop.
   *
   * @param count how many steps there are, not negative; 0 afterwards
   * @param unroll steps of a turn
   * @param turn writes so many steps
   * @param single writes one
   */
  static void write(Assembler asm, Gp count, int unroll, Runnable turn, Runnable single) {
    Label turns = new Label();
    Label rest = new Label();
    Label singles = new Label();
    Label done = new Label();
    asm.sub(count, unroll);
    asm.jump(Condition.LESS, rest);
    asm.bind(turns);
    turn.run();
    asm.sub(count, unroll);
    asm.jump(Condition.GREATER_OR_EQUAL, turns);
    asm.bind(rest);
    asm.add(count, unroll);
    asm.jump(Condition.ZERO, done);
    asm.bind(singles);
    single.run();
    asm.sub(count, 1);
    asm.jump(Condition.NOT_ZERO, singles);
    asm.bind(done);
  }
}
