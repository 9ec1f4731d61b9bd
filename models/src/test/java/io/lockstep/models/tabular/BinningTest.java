package io.lockstep.models.tabular;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

final class BinningTest {
  @Test
  void givesEachDistinctValueABinWhenThereAreFew() {
    var binning = new Binning(table(3, 1, 2, 1, 3), 64);
    assertEquals(3, binning.count(0));
    assertEquals(1.5f, binning.threshold(0, 0));
    assertEquals(2.5f, binning.threshold(0, 1));
    assertEquals(2, binning.bin(0, 0));
    assertEquals(0, binning.bin(1, 0));
    assertEquals(1, binning.bin(2, 0));
  }

  @Test
  void aColumnOfOneValueHasOneBin() {
    assertEquals(1, new Binning(table(5, 5, 5), 8).count(0));
  }

  @Test
  void binsHoldAboutTheSameNumberOfRows() {
    var random = new Random(1);
    float[] values = new float[10_000];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Math.exp(3 * random.nextGaussian());
    }
    var binning = new Binning(table(values), 128);
    int[] counts = new int[128];
    for (int row = 0; row < values.length; row++) {
      counts[binning.bin(row, 0)]++;
    }
    for (int count : counts) {
      assertTrue(count >= 70 && count <= 90, "a bin holds " + count + " rows of 10000 / 128");
    }
  }

  @Test
  void valuesLieBetweenTheirBinsThresholds() {
    float[] values = {0.5f, -3, 8, 8, 2, 2, 7.25f, 100};
    var binning = new Binning(table(values), 4);
    for (int row = 0; row < values.length; row++) {
      int bin = binning.bin(row, 0);
      assertTrue(bin == 0 || values[row] > binning.threshold(0, bin - 1));
      assertTrue(bin == binning.count(0) - 1 || values[row] <= binning.threshold(0, bin));
    }
  }

  @Test
  void refusesMoreBinsThanAByteCounts() {
    assertThrows(IllegalArgumentException.class, () -> new Binning(table(1, 2), 129));
  }

  private static Table table(float... values) {
    return new Table(values, new double[values.length]);
  }
}
