package io.lockstep.runtime.kernel.jit;

/** The vector instruction sets that generators write for. */
enum Isa {
  /** 16 registers of 256 bits; instructions in VEX form. */
  AVX2(32, 16),

  /** 32 registers of 512 bits and mask registers; instructions in EVEX form. */
  AVX512(64, 32);

  private final int vectorBytes;
  private final int registers;

  Isa(int vectorBytes, int registers) {
    this.vectorBytes = vectorBytes;
    this.registers = registers;
  }

  int vectorBytes() {
    return vectorBytes;
  }

  /** 32-bit elements in a vector. */
  int lanes() {
    return vectorBytes / Float.BYTES;
  }

  int registers() {
    return registers;
  }
}
