package io.lockstep.runtime.pattern;

import java.util.function.IntPredicate;

/** A set of code points: those of two bytes of UTF-8 as bits, the others by asking. */
final class CharacterSet {

  private static final int BITS = 0x800;

  private final IntPredicate members;
  private final long[] low = new long[BITS / Long.SIZE]; // [BITS] bits

  private CharacterSet(IntPredicate members) {
    this.members = members;
    for (int codePoint = 0; codePoint < BITS; codePoint++) {
      if (members.test(codePoint)) {
        low[codePoint >>> 6] |= 1L << codePoint;
      }
    }
  }

  static CharacterSet of(IntPredicate members) {
    return new CharacterSet(members);
  }

  boolean contains(int codePoint) {
    return codePoint < BITS
        ? (low[codePoint >>> 6] >>> codePoint & 1) != 0
        : members.test(codePoint);
  }
}
