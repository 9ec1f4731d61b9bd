package io.lockstep.runtime.kernel.jit;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** Constants that a kernel reads, and the masks of vectors that are not full. */
final class ConstantPool {

  private final Isa isa;
  private final MemorySegment constants;

  /** AVX2: ones, then zeros, from which masks are cut. */
  private final MemorySegment masks;

  /** Constants as {@link ExpressionWriter} addresses them. */
  ConstantPool(Isa isa, List<Integer> bits) {
    this.isa = isa;
    int bytes = ExpressionWriter.constantBytes(isa);
    this.constants = Arena.ofAuto().allocate(Math.max(1, (long) bits.size() * bytes), 64);
    for (int i = 0; i < bits.size(); i++) {
      for (int at = 0; at < bytes; at += Integer.BYTES) {
        constants.set(ValueLayout.JAVA_INT, (long) i * bytes + at, bits.get(i));
      }
    }
    this.masks = Arena.ofAuto().allocate(2L * isa.vectorBytes(), isa.vectorBytes());
    for (int i = 0; i < isa.lanes(); i++) {
      masks.setAtIndex(ValueLayout.JAVA_INT, i, -1);
    }
  }

  long address() {
    return constants.address();
  }

  /** What a mask slot holds for the first {@code lanes} lanes: bits, or the address of a vector. */
  long mask(int lanes) {
    return isa == Isa.AVX512
        ? (1L << lanes) - 1
        : masks.address() + (long) (isa.lanes() - lanes) * Integer.BYTES;
  }
}
