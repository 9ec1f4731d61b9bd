package io.lockstep.runtime.kernel;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A value that every thread has its own of, such as memory to scratch in, made when the thread
 * first asks. Virtual threads come and go with a request, and would make theirs each time; while
 * one runs in a {@link Loan}, it has the loan's.
 */
public final class PerThread<T> {

  private static final ScopedValue<Loan> LOAN = ScopedValue.newInstance();

  private final Supplier<T> make;
  private final ThreadLocal<T> own;

  private PerThread(Supplier<T> make) {
    this.make = make;
    this.own = ThreadLocal.withInitial(make);
  }

  /** A value that is made by {@code make} for each thread. */
  public static <T> PerThread<T> withInitial(Supplier<T> make) {
    return new PerThread<>(make);
  }

  /** The calling thread's value. */
  public T get() {
    return isLent() ? LOAN.get().get(this) : own.get();
  }

  /** Gives the calling thread another value from here on. */
  public void set(T value) {
    if (isLent()) {
      LOAN.get().values.put(this, value);
    } else {
      own.set(value);
    }
  }

  private static boolean isLent() {
    return Thread.currentThread().isVirtual() && LOAN.isBound();
  }

  /** Values for the virtual threads that do the same work one after the other. */
  public static final class Loan {

    private final Map<PerThread<?>, Object> values = new HashMap<>();

    /** Runs {@code work}, which a virtual thread does with these values; one thread at a time. */
    public void run(Runnable work) {
      if (Thread.currentThread().isVirtual()) {
        ScopedValue.where(LOAN, this).run(work);
      } else {
        work.run();
      }
    }

    @SuppressWarnings("unchecked") // put there by the same PerThread
    private <T> T get(PerThread<T> which) {
      @Nullable Object value = values.get(which);
      if (value == null) {
        value = which.make.get();
        values.put(which, value);
      }
      return (T) value;
    }
  }
}
