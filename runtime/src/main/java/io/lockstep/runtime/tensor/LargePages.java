package io.lockstep.runtime.tensor;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * Zeroed memory for which the system is asked to use pages of 2 MiB: a processor that walks through
 * weights then looks up an address five hundred times less often, and its own fetching ahead, which
 * ends at a page, goes further. Linux only; whether it complies is the system's choice
 * (transparent_hugepage).
 */
final class LargePages {

  /** Bytes of a large page. */
  static final long PAGE = 2 << 20;

  private static final int READ_WRITE = 3;
  private static final int PRIVATE_ANONYMOUS = 0x22;
  private static final int HUGE_PAGE = 14; // MADV_HUGEPAGE

  private static final Optional<LargePages> SYSTEM = ofSystem();

  private final MethodHandle map;
  private final MethodHandle advise;
  private final MethodHandle unmap;

  private LargePages(MethodHandle map, MethodHandle advise, MethodHandle unmap) {
    this.map = map;
    this.advise = advise;
    this.unmap = unmap;
  }

  /** Empty where there are none, or where the JVM's settings forbid native calls. */
  private static Optional<LargePages> ofSystem() {
    if (!System.getProperty("os.name").equals("Linux")
        || !LargePages.class.getModule().isNativeAccessEnabled()) {
      return Optional.empty();
    }
    FunctionDescriptor mmap =
        FunctionDescriptor.of(
            JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG);
    FunctionDescriptor madvise = FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
    FunctionDescriptor munmap = FunctionDescriptor.of(JAVA_INT, JAVA_LONG, JAVA_LONG);
    return Optional.of(
        new LargePages(
            function("mmap", mmap), function("madvise", madvise), function("munmap", munmap)));
  }

  private static MethodHandle function(String name, FunctionDescriptor type) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), type);
  }

  /**
   * Memory that lives as long as the arena, aligned to a large page; ordinary memory of the arena
   * where the system has no such pages.
   */
  static MemorySegment allocate(long bytes, Arena arena) {
    return SYSTEM
        .flatMap(system -> system.mapped(bytes, arena))
        .orElseGet(() -> arena.allocate(bytes, TensorArena.ALIGNMENT));
  }

  private Optional<MemorySegment> mapped(long bytes, Arena arena) {
    long length = Math.addExact(bytes, PAGE);
    try {
      long start = (long) map.invokeExact(0L, length, READ_WRITE, PRIVATE_ANONYMOUS, -1, 0L);
      if (start == -1) {
        return Optional.empty();
      }
      MemorySegment whole =
          MemorySegment.ofAddress(start)
              .reinterpret(length, arena, segment -> unmap(segment.address(), length));
      long skipped = -start & PAGE - 1;
      MemorySegment aligned = whole.asSlice(skipped, bytes);
      // a refusal leaves ordinary pages
      int _ = (int) advise.invokeExact(aligned.address(), bytes, HUGE_PAGE);
      return Optional.of(aligned);
    } catch (RuntimeException | Error problem) {
      throw problem;
    } catch (Throwable e) { // a method handle declares all
      throw new AssertionError(e);
    }
  }

  private void unmap(long start, long length) {
    try {
      int _ = (int) unmap.invokeExact(start, length);
    } catch (Throwable e) { // a method handle declares all
      throw new AssertionError(e);
    }
  }
}
