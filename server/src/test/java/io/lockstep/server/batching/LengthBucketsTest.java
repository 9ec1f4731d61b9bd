package io.lockstep.server.batching;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class LengthBucketsTest {

  private final LengthBuckets usual = LengthBuckets.of(List.of(), 512);

  @Test
  void usualLadderHasTwoStepsToEachDoubling() {
    assertEquals(
        List.of(16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512),
        IntStream.rangeClosed(1, 512).map(usual::boundary).distinct().boxed().toList());
  }

  @Test
  void paddingStaysUnderAThirdFromSixteenOn() {
    for (int length = 16; length <= 512; length++) {
      int boundary = usual.boundary(length);
      assertTrue(boundary >= length && 3 * (boundary - length) < boundary, "length " + length);
    }
  }

  @Test
  void nothingIsPaddedBeyondWhatTheModelTakes() {
    LengthBuckets short300 = LengthBuckets.of(List.of(), 300);
    assertEquals(300, short300.boundary(290));
    assertEquals(300, short300.boundary(300));
    assertEquals(301, short300.boundary(301));
    LengthBuckets endless = LengthBuckets.of(List.of(), Integer.MAX_VALUE);
    assertEquals(1 << 20, endless.boundary((1 << 20) - 1));
  }

  @Test
  void ownBucketsReplaceTheLadder() {
    LengthBuckets own = LengthBuckets.of(List.of(8, 100), 512);
    assertEquals(8, own.boundary(1));
    assertEquals(100, own.boundary(9));
    assertEquals(101, own.boundary(101));
  }
}
