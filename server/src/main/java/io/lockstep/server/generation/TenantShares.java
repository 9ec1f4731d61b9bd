package io.lockstep.server.generation;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Waiting sequences, in the order in which they should start: the tenant that has been served least
 * goes first, its sequences in the order of their arrival. Tokens computed are what counts, as in
 * the virtual token counter of Sheng et al., 2024, section 4: a tenant that comes back is lifted to
 * the least served one, so that nobody saves up by being idle. A tenant of weight 2 gets twice as
 * many.
 */
final class TenantShares {

  private final Map<String, Share> tenants = new HashMap<>();

  /** Sequences that ran already and gave their blocks up; they go before all others. */
  private final ArrayDeque<Sequence> preempted = new ArrayDeque<>();

  private int waiting;

  private static final class Share {
    final ArrayDeque<Sequence> queue = new ArrayDeque<>();
    double served; // tokens, divided by the weight
    int sequences; // waiting and running
  }

  /** A sequence arrives. */
  void add(Sequence sequence) {
    Share tenant = tenants.get(sequence.job.tenant().name());
    if (tenant == null) {
      tenant = new Share();
      tenant.served = tenants.values().stream().mapToDouble(other -> other.served).min().orElse(0);
      tenants.put(sequence.job.tenant().name(), tenant);
    }
    tenant.sequences++;
    tenant.queue.add(sequence);
    waiting++;
  }

  /** A running sequence goes back to wait, first in line. */
  void putBack(Sequence sequence) {
    preempted.addFirst(sequence);
    waiting++;
  }

  /** The sequence that should start next; null when none waits that may. */
  @Nullable Sequence peek() {
    if (!preempted.isEmpty()) {
      return preempted.peek();
    }
    Share least = null;
    Sequence first = null;
    for (Share tenant : tenants.values()) {
      Sequence candidate = tenant.queue.peek();
      if (candidate == null || (candidate.leader != null && !candidate.leader.hasPrompt())) {
        continue;
      }
      if (least == null
          || first == null
          || tenant.served < least.served
          || (tenant.served == least.served
              && candidate.arrivalNanos() - first.arrivalNanos() < 0)) {
        least = tenant;
        first = candidate;
      }
    }
    return first;
  }

  /** Takes what {@link #peek} gave. */
  void take(Sequence sequence) {
    if (preempted.peek() == sequence) {
      preempted.remove();
    } else {
      tenant(sequence).queue.remove();
    }
    waiting--;
  }

  /** Tokens were computed for a sequence. */
  void served(Sequence sequence, int tokens) {
    tenant(sequence).served += (double) tokens / sequence.job.tenant().weight();
  }

  /** A running sequence is over. */
  void left(Sequence sequence) {
    Share tenant = tenant(sequence);
    if (--tenant.sequences == 0) {
      tenants.remove(sequence.job.tenant().name());
    }
  }

  /** Takes all waiting sequences away that {@code gone} names. */
  void removeIf(Predicate<Sequence> gone, Consumer<Sequence> removed) {
    removeIf(preempted, gone, removed);
    for (Share tenant : tenants.values().toArray(Share[]::new)) {
      removeIf(tenant.queue, gone, removed);
    }
  }

  private void removeIf(
      ArrayDeque<Sequence> queue, Predicate<Sequence> gone, Consumer<Sequence> removed) {
    for (Iterator<Sequence> all = queue.iterator(); all.hasNext(); ) {
      Sequence sequence = all.next();
      if (gone.test(sequence)) {
        all.remove();
        waiting--;
        left(sequence);
        removed.accept(sequence);
      }
    }
  }

  int waiting() {
    return waiting;
  }

  private Share tenant(Sequence sequence) {
    Share tenant = tenants.get(sequence.job.tenant().name());
    if (tenant == null) {
      throw new IllegalStateException("a sequence's tenant is known");
    }
    return tenant;
  }
}
