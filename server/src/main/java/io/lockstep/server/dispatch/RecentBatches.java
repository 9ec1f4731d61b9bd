package io.lockstep.server.dispatch;

import io.lockstep.server.serving.BatchHistory;
import io.lockstep.server.serving.BatchRecord;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Keeps the last batches of all models. All methods are short and exclude each other. */
public final class RecentBatches implements BatchHistory {

  private final int capacity;
  private final Deque<BatchRecord> newestFirst;

  /** Room for {@code capacity} batches; 0 keeps none. */
  public RecentBatches(int capacity) {
    this.capacity = capacity;
    this.newestFirst = new ArrayDeque<>(capacity);
  }

  boolean isKeeping() {
    return capacity > 0;
  }

  synchronized void add(BatchRecord batch) {
    if (newestFirst.size() == capacity) {
      newestFirst.removeLast();
    }
    newestFirst.addFirst(batch);
  }

  @Override
  public synchronized List<BatchRecord> latest(@Nullable String model, int most) {
    return newestFirst.stream()
        .filter(batch -> model == null || batch.model().equals(model))
        .limit(most)
        .toList();
  }
}
