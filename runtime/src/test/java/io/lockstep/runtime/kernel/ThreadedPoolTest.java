package io.lockstep.runtime.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.runtime.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class ThreadedPoolTest {

  @Test
  void runsEveryUnitExactlyOnce() {
    try (ThreadedPool pool = new ThreadedPool(3)) {
      Seeds.forAll(
          500,
          random -> {
            int count = random.nextInt(200);
            assertEachOnce(pool, count, random.nextInt(1, 40));
          });
    }
  }

  @Test
  void keepsRangesAtLeastAsLargeAsTheGrain() {
    try (ThreadedPool pool = new ThreadedPool(4)) {
      AtomicInteger small = new AtomicInteger();
      pool.parallelFor(
          103,
          10,
          (from, to) -> {
            if (to - from < 10 && to != 103) {
              small.incrementAndGet();
            }
          });
      assertEquals(0, small.get());
    }
  }

  @Test
  void letsTwoThreadsWorkAtOnce() {
    try (ThreadedPool pool = new ThreadedPool(2)) {
      CountDownLatch bothArrived = new CountDownLatch(2);
      pool.parallelFor(
          2,
          1,
          (from, to) -> {
            for (int i = from; i < to; i++) {
              bothArrived.countDown();
            }
            awaitUninterruptibly(bothArrived);
          });
      assertEquals(0, bothArrived.getCount());
    }
  }

  @Test
  void givesTheCallerWhatABodyThrew() {
    try (ThreadedPool pool = new ThreadedPool(3)) {
      IllegalStateException expected = new IllegalStateException("unit 7");
      IllegalStateException thrown =
          assertThrows(
              IllegalStateException.class,
              () ->
                  pool.parallelFor(
                      20,
                      1,
                      (from, to) -> {
                        if (from <= 7 && 7 < to) {
                          throw expected;
                        }
                      }));
      assertSame(expected, thrown);
      assertEachOnce(pool, 50, 1);
    }
  }

  @Test
  void takesCallsFromInsideABody() {
    try (ThreadedPool pool = new ThreadedPool(3)) {
      AtomicInteger done = new AtomicInteger();
      pool.parallelFor(
          10, 1, (from, to) -> pool.parallelFor(to - from, 1, (f, t) -> done.addAndGet(t - f)));
      assertEquals(10, done.get());
    }
  }

  @Test
  void servesManyCallersAtOnce() throws Exception {
    try (ThreadedPool pool = new ThreadedPool(3);
        ExecutorService callers = Executors.newFixedThreadPool(6)) {
      List<Future<?>> calls = new ArrayList<>();
      for (int caller = 0; caller < 6; caller++) {
        calls.add(
            callers.submit(() -> {
              for (int call = 0; call < 2000; call++) {
                assertEachOnce(pool, call % 37, 1 + call % 3);
              }
            }));
      }
      for (Future<?> call : calls) {
        call.get();
      }
    }
  }

  @Test
  void startsNoMoreThreadsThanItWasGiven() {
    try (ThreadedPool pool = new ThreadedPool(3)) {
      AtomicInteger working = new AtomicInteger();
      AtomicInteger most = new AtomicInteger();
      for (int call = 0; call < 500; call++) {
        pool.parallelFor(
            30,
            1,
            (from, to) -> {
              most.accumulateAndGet(working.incrementAndGet(), Math::max);
              working.decrementAndGet();
            });
      }
      assertTrue(most.get() <= 3, "threads at work: " + most.get());
    }
  }

  @Test
  void leavesAnInterruptForTheCaller() {
    try (ThreadedPool pool = new ThreadedPool(3)) {
      Thread.currentThread().interrupt();
      assertEachOnce(pool, 100, 1);
      assertTrue(Thread.interrupted());
    }
  }

  @Test
  void runsOnTheCallerAloneOnceClosed() {
    ThreadedPool pool = new ThreadedPool(3);
    pool.close();
    assertEachOnce(pool, 40, 1);
  }

  @Test
  void refusesToHaveNoThread() {
    assertThrows(IllegalArgumentException.class, () -> new ThreadedPool(0));
  }

  private static void assertEachOnce(ComputePool pool, int count, int grain) {
    AtomicIntegerArray runs = new AtomicIntegerArray(count);
    pool.parallelFor(
        count,
        grain,
        (from, to) -> {
          for (int i = from; i < to; i++) {
            runs.incrementAndGet(i);
          }
        });
    for (int i = 0; i < count; i++) {
      assertEquals(1, runs.get(i), "unit " + i + " of " + count + ", grain " + grain);
    }
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
