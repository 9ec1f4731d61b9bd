package io.lockstep.models.recurrent;

import java.util.Random;

/**
 * Simulates a city's bike rentals hour by hour: commuters on working days, strollers at weekends,
 * and weather that makes good days and bad days of all of them.
 *
 * <p>The first hour is midnight before a Monday. The randomness is {@link Random}, whose sequence
 * is part of its specification, so a seed gives the same series on every machine.
 */
final class DemandSeries {
  static final int HOURS_PER_DAY = 24;
  static final int HOURS_PER_WEEK = 7 * HOURS_PER_DAY;

  private static final double TYPICAL_RENTALS = 260; // at a working day's peak
  private static final int SATURDAY = 5; // Monday is 0

  private DemandSeries() {}

  /** Rentals in each hour, [hours]. */
  static double[] simulate(long seed, int hours) {
    var random = new Random(seed);
    double[] rentals = new double[hours];
    double weather = 0; // logarithm of its factor; wanders back to 0 within about two days
    for (int hour = 0; hour < hours; hour++) {
      weather = 0.98 * weather + 0.07 * random.nextGaussian();
      double noise = 0.07 * random.nextGaussian();
      double expected = TYPICAL_RENTALS * profile(hour) * StrictMath.exp(weather + noise);
      rentals[hour] = Math.rint(expected);
    }
    return rentals;
  }

  static int hourOfDay(int hour) {
    return hour % HOURS_PER_DAY;
  }

  /** Monday is 0. */
  static int dayOfWeek(int hour) {
    return hour / HOURS_PER_DAY % 7;
  }

  private static double profile(int hour) {
    int time = hourOfDay(hour);
    if (dayOfWeek(hour) >= SATURDAY) {
      return 0.12 + 0.65 * bell(time, 14.5, 3.5);
    }
    return 0.08 + 0.8 * bell(time, 8, 1.3) + 0.3 * bell(time, 13, 2.5) + bell(time, 17.5, 1.8);
  }

  private static double bell(double x, double centre, double width) {
    double distance = (x - centre) / width;
    return StrictMath.exp(-0.5 * distance * distance);
  }
}
