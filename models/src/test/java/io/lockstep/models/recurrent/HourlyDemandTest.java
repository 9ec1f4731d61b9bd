package io.lockstep.models.recurrent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

final class HourlyDemandTest {
  private static final int DAY = DemandSeries.HOURS_PER_DAY;
  private static final int WEEK = DemandSeries.HOURS_PER_WEEK;

  @Test
  void beatsTheDayBeforeAndTheWeekBeforeOnWeeksItHasNotSeen() {
    Forecaster forecaster = HourlyDemand.train();
    double[] demand = HourlyDemand.heldOut();
    double model = 0;
    double dayBefore = 0;
    double weekBefore = 0;
    for (int now = WEEK; now + DAY <= demand.length; now += 7) {
      double[] forecast =
          forecaster.forecast(DemandEncoding.history(demand, now - 2 * DAY, 2 * DAY));
      int first = now;
      model += squaredError(demand, now, k -> forecast[k]);
      dayBefore += squaredError(demand, now, k -> demand[first + k - DAY]);
      weekBefore += squaredError(demand, now, k -> demand[first + k - WEEK]);
    }
    double best = Math.min(dayBefore, weekBefore);
    double ratio = Math.sqrt(model / best);
    assertTrue(ratio < 0.7, "error is " + ratio + " of the better seasonal naive forecast's");
  }

  @Test
  void weeksRepeatInTheMeanAndWeekendsHaveNoRushHour() {
    double[] demand = DemandSeries.simulate(5, 100 * WEEK);
    double[] mean = new double[WEEK];
    for (int hour = 0; hour < demand.length; hour++) {
      mean[hour % WEEK] += demand[hour] / 100;
    }
    assertEquals(mean[17], mean[3 * DAY + 17], 0.3 * mean[17]); // Monday and Thursday at five
    assertTrue(mean[8] > 3 * mean[5 * DAY + 8]); // Monday and Saturday at eight
    assertTrue(mean[3] < 0.2 * mean[17]); // night and rush hour
  }

  @Test
  void encodingGivesTheTrainingSeriesMeanZeroAndDeviationOne() {
    double[] demand = {10, 20, 30, 60};
    DemandEncoding encoding = DemandEncoding.fit(demand);
    double sum = 0;
    double squares = 0;
    for (double value : demand) {
      sum += encoding.scaled(value);
      squares += encoding.scaled(value) * encoding.scaled(value);
    }
    assertEquals(0, sum, 1e-5);
    assertEquals(4, squares, 1e-5);
  }

  @Test
  void encodesAnHoursPlaceInDayAndWeekAsAngles() {
    var encoding = new DemandEncoding(0.5f, -1);
    double[] encoded = encoding.encode(new float[] {6, 6, 0, 6, 0, 3.5f});
    double[] sixOnMonday = {2, 1, Math.sin(Math.PI / 14), 0, Math.cos(Math.PI / 14)};
    double[] middleOfTheWeek = {2, 0, 0, 1, -1};
    for (int i = 0; i < DemandEncoding.INPUTS; i++) {
      assertEquals(sixOnMonday[i], encoded[i], 1e-6);
      assertEquals(middleOfTheWeek[i], encoded[DemandEncoding.INPUTS + i], 1e-6);
    }
  }

  private static double squaredError(double[] demand, int first, IntToDoubleFunction forecast) {
    double sum = 0;
    for (int k = 0; k < HourlyDemand.HORIZON; k++) {
      double error = forecast.applyAsDouble(k) - demand[first + k];
      sum += error * error;
    }
    return sum;
  }
}
