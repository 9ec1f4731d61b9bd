package io.lockstep.runtime.kernel.jit;

import io.lockstep.runtime.kernel.PerThread;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The block of 8-byte slots that a kernel reads its arguments from; each thread has its own. */
final class Parameters {

  private static final int SLOTS = 128;

  private static final PerThread<Parameters> OWN = PerThread.withInitial(Parameters::new);

  private final MemorySegment block =
      Arena.ofAuto().allocate((long) SLOTS * Long.BYTES, Long.BYTES * SLOTS);

  private Parameters() {}

  /** The calling thread's block. */
  static Parameters ofThread() {
    return OWN.get();
  }

  long address() {
    return block.address();
  }

  void set(int slot, long value) {
    block.setAtIndex(ValueLayout.JAVA_LONG, slot, value);
  }

  long get(int slot) {
    return block.getAtIndex(ValueLayout.JAVA_LONG, slot);
  }

  /** Two floats in one slot, the first at the lower address. */
  void set(int slot, float low, float high) {
    block.set(ValueLayout.JAVA_FLOAT, (long) slot * Long.BYTES, low);
    block.set(ValueLayout.JAVA_FLOAT, (long) slot * Long.BYTES + Float.BYTES, high);
  }

  /** One of the words that lie two in a slot from one slot on. */
  void setWord(int slot, int index, int bits) {
    block.set(ValueLayout.JAVA_INT, (long) slot * Long.BYTES + (long) index * Integer.BYTES, bits);
  }

  /** Where a slot is, for a generator. */
  static Mem at(Gp base, int slot) {
    return Mem.mem(base, slot * Long.BYTES);
  }
}
