package io.lockstep.runtime.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

final class PerThreadTest {

  private final PerThread<StringBuilder> value = PerThread.withInitial(StringBuilder::new);

  private static <T> T onVirtualThread(Callable<T> work) throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      return threads.submit(work).get();
    }
  }

  private StringBuilder in(PerThread.Loan loan) {
    StringBuilder[] seen = new StringBuilder[1];
    loan.run(() -> seen[0] = value.get());
    return seen[0];
  }

  @Test
  void everyThreadHasItsOwn() throws Exception {
    assertSame(value.get(), value.get());
    assertNotSame(value.get(), onVirtualThread(value::get));
  }

  @Test
  void virtualThreadsHaveTheLoansOneAfterTheOther() throws Exception {
    PerThread.Loan loan = new PerThread.Loan();
    StringBuilder lent = onVirtualThread(() -> in(loan));
    assertSame(lent, onVirtualThread(() -> in(loan)));
    assertNotSame(lent, onVirtualThread(() -> in(new PerThread.Loan())));
    assertNotSame(lent, onVirtualThread(value::get));
  }

  @Test
  void aPlatformThreadKeepsItsOwnInALoan() {
    assertSame(value.get(), in(new PerThread.Loan()));
  }

  @Test
  void whatIsSetInALoanStaysThere() throws Exception {
    PerThread.Loan loan = new PerThread.Loan();
    StringBuilder given = new StringBuilder("given");
    onVirtualThread(() -> {
      loan.run(() -> value.set(given));
      return value;
    });
    assertSame(given, onVirtualThread(() -> in(loan)));
    assertEquals(0, value.get().length());
  }
}
