package io.lockstep.runtime.kernel.jit;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Generated code as a function of one pointer, in {@code RDI}. It may change all registers but
 * {@code RBX}, {@code RBP} and {@code R12} to {@code R15} (System V application binary interface).
 */
final class NativeKernel {

  /** Critical calls skip the change of thread state; the garbage collector waits for them. */
  private static final MethodHandle CALL =
      Linker.nativeLinker()
          .downcallHandle(FunctionDescriptor.ofVoid(JAVA_LONG), Linker.Option.critical(false));

  private final MemorySegment entry;

  NativeKernel(byte[] code) {
    this.entry = ExecutableMemory.of(code);
  }

  /** Where the code starts, for code that calls it. */
  long address() {
    return entry.address();
  }

  /** Runs the code with the address of a parameter block. */
  void call(Parameters parameters) {
    try {
      CALL.invokeExact(entry, parameters.address());
    } catch (Throwable e) { // a method handle declares all; code throws nothing
      throw new AssertionError(e);
    }
  }
}
