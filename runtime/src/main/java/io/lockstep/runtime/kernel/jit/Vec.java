package io.lockstep.runtime.kernel.jit;

/** A vector register. */
record Vec(int number) {

  static Vec v(int number) {
    return new Vec(number);
  }

  int low() {
    return number & 7;
  }

  /** Bit 3 of the number, for the prefixes. */
  boolean bit3() {
    return (number & 8) != 0;
  }

  /** Bit 4 of the number, which EVEX alone can say. */
  boolean bit4() {
    return (number & 16) != 0;
  }
}
