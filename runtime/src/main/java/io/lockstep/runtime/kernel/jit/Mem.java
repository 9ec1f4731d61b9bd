package io.lockstep.runtime.kernel.jit;

import org.jspecify.annotations.Nullable;

/**
 * A memory operand: base + index * scale + displacement.
 *
 * @param index null for none; never RSP
 * @param scale 1, 2, 4 or 8
 */
record Mem(Gp base, @Nullable Gp index, int scale, int displacement) {

  Mem {
    if (index == Gp.RSP || Integer.bitCount(scale) != 1 || scale > 8) {
      throw new IllegalArgumentException("no such address");
    }
  }

  static Mem mem(Gp base, int displacement) {
    return new Mem(base, null, 1, displacement);
  }

  static Mem mem(Gp base, Gp index, int scale, int displacement) {
    return new Mem(base, index, scale, displacement);
  }

  boolean isIndexExtended() {
    return index != null && index.isExtended();
  }
}
