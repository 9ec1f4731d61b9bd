package io.lockstep.server.batching;

import io.lockstep.server.serving.CloseReason;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Decides which waiting work runs next, and when; owns no thread and no clock. */
public final class BatchFormer<Q extends Queued> {
  /*
   * The instance asks whenever it is free. The oldest request of the most urgent level is the
   * anchor; the batch is the anchor and those behind it that have its key and still fit, in the
   * order of their arrival. Work that does not fit is passed over, but becomes the anchor itself
   * once it is the oldest, so nothing is passed over for ever. A request that has waited longer
   * than maxOvertaking is the anchor whatever its level, so nothing is overtaken for ever either.
   *
   * Without a delay the batch goes at once: an idle instance adds no waiting, and while it is busy
   * work gathers by itself. With a delay, the batch goes when it is full, when its oldest member
   * has waited that long since its arrival, or when waiting longer would cost a member its
   * deadline; while the anchor waits, a batch of another key that is full or due may go first.
   */

  private final BatchPolicy policy;
  private final Consumer<Q> dropped;
  private final List<Q> waiting = new ArrayList<>(); // by priority, then by arrival
  private long expectedRunNanos;

  /**
   * An empty queue.
   *
   * @param dropped told of work that leaves without a run, because it expired or was cancelled
   */
  public BatchFormer(BatchPolicy policy, Consumer<Q> dropped) {
    this.policy = policy;
    this.dropped = dropped;
  }

  /** Adds work behind all of its level. */
  public void add(Q work) {
    int place = waiting.size();
    while (place > 0 && waiting.get(place - 1).priority() > work.priority()) {
      place--;
    }
    waiting.add(place, work);
  }

  /** How long a run is expected to take: deadlines are not waited for closer than this. */
  public void expectRun(long nanos) {
    expectedRunNanos = nanos;
  }

  /** Whether an idle instance runs what there is without waiting for more. */
  public boolean closesAtOnce() {
    return policy.maxQueueDelay().isZero();
  }

  public boolean isEmpty() {
    return waiting.isEmpty();
  }

  /** Pieces of work waiting, cancelled ones that were not yet noticed included. */
  public int size() {
    return waiting.size();
  }

  /**
   * The batch to run now, which leaves the queue; null when none is due.
   *
   * @param draining whether nothing more will come, so that waiting is pointless
   */
  public @Nullable Batch<Q> poll(long nowNanos, boolean draining) {
    dropDeparted(nowNanos);
    if (waiting.isEmpty()) {
      return null;
    }
    int anchor = anchor(nowNanos);
    Batch<Q> batch = collect(anchor, nowNanos, draining);
    if (batch == null && !policy.maxQueueDelay().isZero()) {
      batch = batchBehind(anchor, nowNanos);
    }
    if (batch != null) {
      remove(batch.members());
    }
    return batch;
  }

  /**
   * How long nothing will be due if nothing is added: 0 when something may be due already, {@link
   * Long#MAX_VALUE} when the queue is empty.
   */
  public long nanosUntilDue(long nowNanos) {
    long soonest = Long.MAX_VALUE;
    for (Q work : waiting) {
      soonest = Math.min(soonest, Math.max(0, latestStart(work) - nowNanos));
      if (work.isCancelled()) {
        return 0;
      }
    }
    return soonest;
  }

  /** Empties the queue; what was in it, in order. */
  public List<Q> clear() {
    List<Q> all = List.copyOf(waiting);
    waiting.clear();
    return all;
  }

  private void dropDeparted(long nowNanos) {
    waiting.removeIf(work -> {
      boolean departed = work.isCancelled() || work.deadline().hasPassed(nowNanos);
      if (departed) {
        dropped.accept(work);
      }
      return departed;
    });
  }

  /** The place of the work that goes first. */
  private int anchor(long nowNanos) {
    int oldest = 0;
    for (int i = 1; i < waiting.size(); i++) {
      if (waiting.get(i).arrivalNanos() - waiting.get(oldest).arrivalNanos() < 0) {
        oldest = i;
      }
    }
    long waited = nowNanos - waiting.get(oldest).arrivalNanos();
    return waited > policy.maxOvertaking().toNanos() ? oldest : 0;
  }

  /** The batch around the work at {@code anchor}, or null when it is not due. */
  private @Nullable Batch<Q> collect(int anchor, long nowNanos, boolean draining) {
    Q first = waiting.get(anchor);
    int room = first.maxBatchRows() - first.rows();
    boolean full = room <= 0;
    boolean due = latestStart(first) - nowNanos <= 0;
    List<Q> members = new ArrayList<>();
    members.add(first);
    // An anchor chosen for its age may have company in front of it, of more urgent levels.
    int begin = anchor == 0 ? 1 : 0;
    int end = Math.min(waiting.size(), anchor + policy.lookAhead());
    for (int i = begin; i < end && room > 0; i++) {
      Q work = waiting.get(i);
      if (i == anchor || !work.key().equals(first.key())) {
        continue;
      }
      if (work.rows() > room) {
        full = true;
        continue;
      }
      members.add(work);
      room -= work.rows();
      due |= latestStart(work) - nowNanos <= 0;
    }
    full |= room <= 0;
    CloseReason reason = reason(full, due, draining, members, nowNanos);
    return reason == null ? null : new Batch<>(members, first.maxBatchRows() - room, reason);
  }

  private @Nullable CloseReason reason(
      boolean full, boolean due, boolean draining, List<Q> members, long nowNanos) {
    if (full) {
      return CloseReason.FULL;
    }
    if (draining) {
      return CloseReason.DRAIN;
    }
    if (policy.maxQueueDelay().isZero()) {
      return CloseReason.IDLE;
    }
    if (!due) {
      return null;
    }
    long delay = policy.maxQueueDelay().toNanos();
    boolean waited = members.stream().anyMatch(work -> nowNanos - work.arrivalNanos() >= delay);
    return waited ? CloseReason.DELAY : CloseReason.DEADLINE;
  }

  /** A batch without the anchor, which waits for company, that is full or due itself. */
  private @Nullable Batch<Q> batchBehind(int anchor, long nowNanos) {
    Set<Object> tried = new HashSet<>();
    tried.add(waiting.get(anchor).key());
    int end = Math.min(waiting.size(), anchor + policy.lookAhead());
    for (int i = 0; i < waiting.size(); i++) {
      Q work = waiting.get(i);
      boolean isDue = latestStart(work) - nowNanos <= 0;
      if (isDue || (i < end && tried.add(work.key()))) {
        Batch<Q> batch = collect(i, nowNanos, false);
        if (batch != null) {
          return batch;
        }
      }
    }
    return null;
  }

  private void remove(List<Q> members) {
    if (members.size() == waiting.size()) {
      waiting.clear();
      return;
    }
    Set<Q> leaving = Collections.newSetFromMap(new IdentityHashMap<>());
    leaving.addAll(members);
    waiting.removeIf(leaving::contains);
  }

  /** When work must start at the latest: its delay is over, or its deadline comes near. */
  private long latestStart(Q work) {
    long byDelay = work.arrivalNanos() + policy.maxQueueDelay().toNanos();
    if (!work.deadline().isSet()) {
      return byDelay;
    }
    long byDeadline = work.deadline().atNanos() - expectedRunNanos;
    return byDeadline - byDelay < 0 ? byDeadline : byDelay;
  }
}
