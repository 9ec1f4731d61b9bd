package io.lockstep.runtime.kernel.jit;

/**
 * One of the eight tile registers of AMX: up to 16 rows of 64 bytes.
 *
 * @param number 0 to 7
 */
record Tile(int number) {

  static Tile tile(int number) {
    return new Tile(number);
  }
}
