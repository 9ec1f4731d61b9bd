package io.lockstep.models.recurrent;

/**
 * How an hour's demand and its place in the week become the network's inputs: the scaled demand,
 * then sine and cosine of the hour's angle in the day and in the week.
 *
 * <p>Its constants are floats, as the model's file holds them; the arithmetic is in doubles.
 *
 * @param inverseDeviation one over the standard deviation of demand
 * @param offset minus the mean of demand, scaled likewise
 */
record DemandEncoding(float inverseDeviation, float offset) {
  /** Columns of a history: demand, hour of day 0 to 23, day of week with Monday 0. */
  static final int COLUMNS = 3;

  /** Numbers the network sees of each hour. */
  static final int INPUTS = 5;

  /** A day's angle by one hour. */
  static final float DAY_BY_HOUR = (float) (2 * Math.PI / 24);

  /** A week's angle by one hour. */
  static final float WEEK_BY_HOUR = (float) (2 * Math.PI / 168);

  /** A week's angle by one day. */
  static final float WEEK_BY_DAY = (float) (2 * Math.PI / 7);

  /** The encoding that gives a series mean 0 and standard deviation 1. */
  static DemandEncoding fit(double[] demand) {
    double sum = 0;
    double squares = 0;
    for (double value : demand) {
      sum += value;
      squares += value * value;
    }
    double mean = sum / demand.length;
    double deviation = Math.sqrt(squares / demand.length - mean * mean);
    return new DemandEncoding((float) (1 / deviation), (float) (-mean / deviation));
  }

  double scaled(double demand) {
    return demand * inverseDeviation + offset;
  }

  /**
   * What the network sees, [hours, INPUTS].
   *
   * @param history [hours, COLUMNS]
   */
  double[] encode(float[] history) {
    int hours = history.length / COLUMNS;
    double[] encoded = new double[hours * INPUTS];
    for (int i = 0; i < hours; i++) {
      double hourOfDay = history[i * COLUMNS + 1];
      double dayOfWeek = history[i * COLUMNS + 2];
      double inDay = hourOfDay * DAY_BY_HOUR;
      double inWeek = hourOfDay * WEEK_BY_HOUR + dayOfWeek * WEEK_BY_DAY;
      encoded[i * INPUTS] = scaled(history[i * COLUMNS]);
      encoded[i * INPUTS + 1] = StrictMath.sin(inDay);
      encoded[i * INPUTS + 2] = StrictMath.sin(inWeek);
      encoded[i * INPUTS + 3] = StrictMath.cos(inDay);
      encoded[i * INPUTS + 4] = StrictMath.cos(inWeek);
    }
    return encoded;
  }

  /**
   * Some hours of a series with their place in the week, [hours, COLUMNS].
   *
   * @param demand the whole series, whose first hour begins a week
   */
  static float[] history(double[] demand, int firstHour, int hours) {
    float[] history = new float[hours * COLUMNS];
    for (int i = 0; i < hours; i++) {
      int hour = firstHour + i;
      history[i * COLUMNS] = (float) demand[hour];
      history[i * COLUMNS + 1] = DemandSeries.hourOfDay(hour);
      history[i * COLUMNS + 2] = DemandSeries.dayOfWeek(hour);
    }
    return history;
  }
}
