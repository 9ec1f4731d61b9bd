package io.lockstep.runtime.kernel.jit;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Pages of machine code. They are written first and made executable afterwards, and never both at
 * once. Code lives as long as the process: a kernel is generated once.
 */
final class ExecutableMemory {

  private static final int READ = 1;
  private static final int WRITE = 2;
  private static final int EXECUTE = 4;
  private static final int PRIVATE_ANONYMOUS = 0x22;
  private static final long PAGE = 4096;

  private static final MethodHandle MMAP =
      function(
          "mmap",
          FunctionDescriptor.of(
              ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final MethodHandle MPROTECT =
      function("mprotect", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));

  private ExecutableMemory() {}

  private static MethodHandle function(String name, FunctionDescriptor type) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), type);
  }

  /**
   * Makes code executable.
   *
   * @return where it starts
   * @throws KernelsUnavailableException when the system refuses such memory
   */
  static MemorySegment of(byte[] code) {
    long size = (code.length + PAGE - 1) / PAGE * PAGE;
    MemorySegment pages = map(size);
    MemorySegment.copy(code, 0, pages, JAVA_BYTE, 0, code.length);
    if (protect(pages, size) != 0) {
      throw new KernelsUnavailableException("the system refuses to make memory executable");
    }
    return pages.asReadOnly();
  }

  private static MemorySegment map(long size) {
    MemorySegment pages;
    try {
      pages =
          (MemorySegment)
              MMAP.invokeExact(MemorySegment.NULL, size, READ | WRITE, PRIVATE_ANONYMOUS, -1, 0L);
    } catch (Throwable e) { // a method handle declares all
      throw new KernelsUnavailableException("mmap cannot be called", e);
    }
    if (pages.address() == -1) {
      throw new KernelsUnavailableException("the system has no memory for code");
    }
    return pages.reinterpret(size);
  }

  private static int protect(MemorySegment pages, long size) {
    try {
      return (int) MPROTECT.invokeExact(pages, size, READ | EXECUTE);
    } catch (Throwable e) { // a method handle declares all
      throw new KernelsUnavailableException("mprotect cannot be called", e);
    }
  }
}
