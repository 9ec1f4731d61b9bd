package io.lockstep.server.dispatch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lockstep.server.serving.BatchInfo;
import io.lockstep.server.serving.BatchRecord;
import io.lockstep.server.serving.CloseReason;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RecentBatchesTest {

  private static BatchRecord batch(String model, int rows) {
    BatchInfo info = new BatchInfo(rows, 1, 0, CloseReason.IDLE);
    return new BatchRecord(model, "1", 0, info, 1, 2, List.of());
  }

  private static List<Integer> rows(List<BatchRecord> batches) {
    return batches.stream().map(batch -> batch.batch().rows()).toList();
  }

  @Test
  void keepsTheNewestAndTellsThemFirst() {
    RecentBatches recent = new RecentBatches(3);
    for (int i = 1; i <= 5; i++) {
      recent.add(batch(i % 2 == 0 ? "even" : "odd", i));
    }
    assertEquals(List.of(5, 4, 3), rows(recent.latest(null, 10)));
    assertEquals(List.of(5), rows(recent.latest(null, 1)));
    assertEquals(List.of(5, 3), rows(recent.latest("odd", 10)));
  }
}
