package io.lockstep.runtime.kernel.jit;

import java.util.stream.Stream;

/** General-purpose registers and their numbers. */
enum Gp {
  RAX(0),
  RCX(1),
  RDX(2),
  RBX(3),
  RSP(4),
  RBP(5),
  RSI(6),
  RDI(7),
  R8(8),
  R9(9),
  R10(10),
  R11(11),
  R12(12),
  R13(13),
  R14(14),
  R15(15);

  private final int number;

  Gp(int number) {
    this.number = number;
  }

  /** One of the first eight registers, by its number. */
  static Gp ofLow(int number) {
    return Stream.of(values()).filter(gp -> gp.number == number).findFirst().orElseThrow();
  }

  /** The bits that fit into ModRM. */
  int low() {
    return number & 7;
  }

  boolean isExtended() {
    return number >= 8;
  }
}
