package io.lockstep.models.tabular;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

final class DeliveryTimeTest {
  @Test
  void isFarBetterThanTheMeanOnOrdersItHasNotSeen() {
    Table orders = DeliveryTime.heldOut(2_000);
    double mean =
        new TreeEnsemble((float) orders.meanTarget(), List.of()).rootMeanSquaredError(orders);
    double trained = DeliveryTime.train().rootMeanSquaredError(orders);
    assertTrue(
        trained < 0.4 * mean, "error " + trained + " minutes, of always saying the mean " + mean);
  }

  @Test
  void eachFurtherTreeLowersTheErrorOnItsTrainingRows() {
    Table orders = new DeliveryOrders(7).simulate(500);
    var limits = new TreeGrower.Limits(3, 10, 0.3);
    TreeEnsemble whole = new GradientBoosting(20, 32, limits).train(orders);
    double last = Double.POSITIVE_INFINITY;
    for (int trees = 0; trees <= 20; trees++) {
      double error =
          new TreeEnsemble(whole.base(), whole.trees().subList(0, trees))
              .rootMeanSquaredError(orders);
      assertTrue(error < last, trees + " trees: " + error + " after " + last);
      last = error;
    }
  }

  @Test
  void ordersAreBelievable() {
    Table orders = new DeliveryOrders(3).simulate(2_000);
    for (int row = 0; row < orders.rows(); row++) {
      double minutes = orders.target(row);
      assertTrue(minutes > 8 && minutes < 180, "an order took " + minutes + " minutes");
      assertTrue(orders.feature(row, 1) >= 1 && orders.feature(row, 1) <= 12);
      assertTrue(orders.feature(row, 7) >= 0 && orders.feature(row, 7) <= 12);
    }
    assertEquals(35, orders.meanTarget(), 10);
  }
}
