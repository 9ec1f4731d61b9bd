package io.lockstep.server.dispatch;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class QuickRunsTest {

  private static final long SLOW = QuickRuns.QUICK_NANOS + 1;

  private final QuickRuns runs = new QuickRuns();

  @Test
  void nothingIsQuickBeforeItWasSeenToBe() {
    assertFalse(runs.isQuick(0));
    runs.ran(100, SLOW);
    assertFalse(runs.isQuick(0));
  }

  @Test
  void whatIsNoLargerThanAQuickRunIsQuick() {
    runs.ran(100, QuickRuns.QUICK_NANOS);
    runs.ran(50, 1);
    assertTrue(runs.isQuick(100));
    assertFalse(runs.isQuick(101));
  }

  @Test
  void aSlowRunTakesItsSizeAndAllAboveOut() {
    runs.ran(100, 1);
    runs.ran(60, SLOW);
    assertTrue(runs.isQuick(59));
    assertFalse(runs.isQuick(60));
  }

  @Test
  void aLargerSlowRunSaysNothingOfSmallerOnes() {
    runs.ran(100, 1);
    runs.ran(200, SLOW);
    assertTrue(runs.isQuick(100));
  }
}
