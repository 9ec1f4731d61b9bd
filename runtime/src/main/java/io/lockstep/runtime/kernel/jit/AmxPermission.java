package io.lockstep.runtime.kernel.jit;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;

/**
 * Linux lets a process use the tiles of AMX only when it has asked: they make the state that
 * threads save larger (Linux documentation, x86/xstate).
 */
final class AmxPermission {

  private static final long ARCH_PRCTL = 158;
  private static final long REQUEST_PERMISSION = 0x1023;
  private static final long TILE_DATA = 18;

  /** Whether the system permits it; asked once for the process. */
  private static final boolean GRANTED = ask();

  private AmxPermission() {}

  static boolean isGranted() {
    return GRANTED;
  }

  private static boolean ask() {
    Linker linker = Linker.nativeLinker();
    FunctionDescriptor type = FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    MethodHandle call =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow("syscall"), type, Linker.Option.firstVariadicArg(1));
    try {
      return (long) call.invokeExact(ARCH_PRCTL, REQUEST_PERMISSION, TILE_DATA) == 0;
    } catch (Throwable e) { // a method handle declares all
      throw new KernelsUnavailableException("arch_prctl cannot be called", e);
    }
  }
}
