package io.lockstep.runtime.kernel.jit;

import java.util.ArrayList;
import java.util.List;

/** A place in the code that jumps go to, from before it or behind it. */
final class Label {

  private static final int UNBOUND = -1;

  private int target = UNBOUND;
  private final List<Integer> jumps = new ArrayList<>();

  /** Puts the label at the end of the code so far. */
  void bind(CodeBuffer code) {
    if (target != UNBOUND) {
      throw new IllegalStateException("a label is bound once");
    }
    target = code.position();
    jumps.forEach(at -> patch(code, at));
  }

  /** Appends the distance to the label, or leaves room for it. */
  void appendDistance(CodeBuffer code) {
    int at = code.position();
    code.appendInt(0);
    if (target == UNBOUND) {
      jumps.add(at);
    } else {
      patch(code, at);
    }
  }

  private void patch(CodeBuffer code, int at) {
    code.patchInt(at, target - (at + Integer.BYTES));
  }
}
