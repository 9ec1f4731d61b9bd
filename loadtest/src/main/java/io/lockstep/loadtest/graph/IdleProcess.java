package io.lockstep.loadtest.graph;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.concurrent.TimeUnit;

/**
 * Waits until no other thread of this process is at work. Threads of a pool spin for some
 * milliseconds before they sleep, and the JVM compiles: either would take processors from whoever
 * is measured next.
 */
final class IdleProcess {

  /** Linux's number of the clock that counts processor time of the whole process. */
  private static final int CLOCK_PROCESS_CPUTIME_ID = 2;

  private static final int STEP_MILLIS = 2;
  private static final int MAX_STEPS = 100;

  /** Of a step, what the waiting itself may take. */
  private static final double IDLE_SHARE = 0.15;

  /** Long enough for pools to fall asleep where the clock cannot be read. */
  private static final int BLIND_MILLIS = 50;

  private static final boolean IS_LINUX = System.getProperty("os.name").equals("Linux");

  private IdleProcess() {}

  /** Returns when the process is idle, or after a fifth of a second. */
  static void await() throws InterruptedException {
    if (!IS_LINUX) {
      Thread.sleep(BLIND_MILLIS);
      return;
    }
    for (int step = 0; step < MAX_STEPS; step++) {
      final long busy = busyNanos();
      final long start = System.nanoTime();
      Thread.sleep(STEP_MILLIS);
      if (busyNanos() - busy < IDLE_SHARE * (System.nanoTime() - start)) {
        return;
      }
    }
  }

  /** Processor time of all threads so far. */
  private static long busyNanos() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment time = arena.allocate(Clock.TIMESPEC);
      int failed = (int) Clock.GETTIME.invokeExact(CLOCK_PROCESS_CPUTIME_ID, time);
      if (failed != 0) {
        throw new IllegalStateException("clock_gettime gave " + failed);
      }
      return TimeUnit.SECONDS.toNanos(time.get(ValueLayout.JAVA_LONG, 0))
          + time.get(ValueLayout.JAVA_LONG, Long.BYTES);
    } catch (Throwable e) { // a method handle declares all
      throw new AssertionError(e);
    }
  }

  /** Looked up where it is used alone: other systems need not have it. */
  private static final class Clock {

    /** struct timespec: seconds, nanoseconds. */
    private static final MemoryLayout TIMESPEC =
        MemoryLayout.structLayout(ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG);

    private static final MethodHandle GETTIME =
        Linker.nativeLinker()
            .downcallHandle(
                Linker.nativeLinker().defaultLookup().findOrThrow("clock_gettime"),
                FunctionDescriptor.of(
                    ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS));
  }
}
