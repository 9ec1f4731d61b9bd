package io.lockstep.models.tabular;

import java.util.List;
import java.util.Random;

/**
 * Simulates orders at a restaurant with its own couriers: what is known when an order comes in, and
 * the minutes until it is at the door.
 *
 * <p>The randomness is {@link Random}, whose sequence is part of its specification, so a seed gives
 * the same orders on every machine.
 */
final class DeliveryOrders {
  /** Names of the columns, with their units. */
  static final List<String> FEATURES =
      List.of(
          "distance_km",
          "items",
          "hour_of_day",
          "day_of_week",
          "rain_mm_per_hour",
          "temperature_celsius",
          "orders_waiting",
          "couriers_free");

  private static final int SATURDAY = 5; // Monday is 0

  private final Random random;

  DeliveryOrders(long seed) {
    this.random = new Random(seed);
  }

  Table simulate(int rows) {
    int columns = FEATURES.size();
    float[] features = new float[rows * columns];
    double[] minutes = new double[rows];
    for (int row = 0; row < rows; row++) {
      float[] order = order();
      System.arraycopy(order, 0, features, row * columns, columns);
      minutes[row] = minutes(order);
    }
    return new Table(features, minutes);
  }

  private float[] order() {
    double distance = clamp(StrictMath.exp(1.1 + 0.6 * random.nextGaussian()), 0.3, 15);
    int items = 1 + (int) Math.min(11, -3 * StrictMath.log(1 - random.nextDouble()));
    boolean isLunch = random.nextDouble() < 0.35;
    double hour = clamp((isLunch ? 12.5 : 19) + 1.5 * random.nextGaussian(), 10, 23.75);
    int day = random.nextInt(7);
    boolean isRaining = random.nextDouble() < 0.25;
    double rain = isRaining ? -2 * StrictMath.log(1 - random.nextDouble()) : 0;
    double temperature = 11 + 9 * random.nextGaussian();
    double busyness = busyness(hour, day) * (isRaining ? 1.3 : 1) * (0.5 + random.nextDouble());
    int waiting = (int) (25 * busyness);
    int couriers = (int) clamp(10 - 7 * busyness + 2 * random.nextGaussian(), 0, 12);
    return new float[] {
      tenths(distance),
      items,
      quarters(hour),
      day,
      tenths(rain),
      tenths(temperature),
      waiting,
      couriers
    };
  }

  /** How full the kitchen is at a time of the week, about 0 to 1. */
  private static double busyness(double hour, int day) {
    double lunch = bell(hour, 12.5, 1.2) * (day < SATURDAY ? 0.7 : 0.4);
    double dinner = bell(hour, 19, 1.6) * (day < SATURDAY - 1 ? 0.7 : 1);
    return lunch + dinner;
  }

  /** Kitchen, wait for a courier, ride; columns as in {@link #FEATURES}. */
  private double minutes(float[] order) {
    double kitchen = 7 + 0.9 * order[1] + 0.35 * order[6];
    double wait = order[7] >= 2 ? 0 : 6 - 3 * order[7] + 0.1 * order[6];
    boolean isRushHour = order[3] < SATURDAY && order[2] >= 16.5 && order[2] < 19;
    double minutesPerKilometre = 2.8 + (isRushHour ? 1 : 0) + 0.25 * Math.min(order[4], 6);
    if (order[5] < 0) {
      minutesPerKilometre *= 1.3; // ice
    }
    double ride = 2 + order[0] * minutesPerKilometre;
    return (kitchen + wait + ride) * StrictMath.exp(0.08 * random.nextGaussian());
  }

  private static double bell(double x, double centre, double width) {
    double distance = (x - centre) / width;
    return StrictMath.exp(-0.5 * distance * distance);
  }

  private static double clamp(double value, double min, double max) {
    return Math.max(min, Math.min(max, value));
  }

  private static float tenths(double value) {
    return Math.round(10 * value) / 10f;
  }

  private static float quarters(double value) {
    return Math.round(4 * value) / 4f;
  }
}
