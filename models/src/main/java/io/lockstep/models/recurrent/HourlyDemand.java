package io.lockstep.models.recurrent;

import io.lockstep.models.file.Golden;
import io.lockstep.models.file.RepositoryFile;
import java.util.Arrays;
import java.util.List;

/** The model {@code hourly-demand}: bike rentals in each of the next 24 hours. */
public final class HourlyDemand {
  static final int HORIZON = DemandSeries.HOURS_PER_DAY;

  private static final long SEED = 20_260_102;
  private static final int TRAINING_HOURS = 40 * DemandSeries.HOURS_PER_WEEK;
  private static final int HELD_OUT_HOURS = 12 * DemandSeries.HOURS_PER_WEEK;
  private static final int HIDDEN = 20;
  private static final int GOLDEN_ROWS = 4;
  private static final int GOLDEN_HOURS = 48;

  private HourlyDemand() {}

  /** Trains the model and returns its files. */
  public static List<RepositoryFile> build() {
    Forecaster forecaster = train();
    return List.of(
        new RepositoryFile("hourly-demand/1/model.onnx", forecaster.graph().toModel()),
        new RepositoryFile("hourly-demand/1/golden.json", golden(forecaster).toJson()));
  }

  static Forecaster train() {
    double[] demand = Arrays.copyOf(series(), TRAINING_HOURS);
    DemandEncoding encoding = DemandEncoding.fit(demand);
    var network = new ForecastNetwork(new Gru(DemandEncoding.INPUTS, HIDDEN), HORIZON);
    var training = new ForecastTraining(600, 8, 96, 24, 0.01, SEED);
    return new Forecaster(network, encoding, training.train(network, encoding, demand));
  }

  /** Hours after those of the training; a whole number of weeks. */
  static double[] heldOut() {
    double[] series = series();
    return Arrays.copyOfRange(series, TRAINING_HOURS, series.length);
  }

  private static double[] series() {
    return DemandSeries.simulate(SEED, TRAINING_HOURS + HELD_OUT_HOURS);
  }

  private static Golden golden(Forecaster forecaster) {
    double[] demand = heldOut();
    float[] histories = new float[GOLDEN_ROWS * GOLDEN_HOURS * DemandEncoding.COLUMNS];
    double[] forecasts = new double[GOLDEN_ROWS * HORIZON];
    for (int row = 0; row < GOLDEN_ROWS; row++) {
      int firstHour = row * (2 * DemandSeries.HOURS_PER_DAY + 7); // other days, other hours
      float[] history = DemandEncoding.history(demand, firstHour, GOLDEN_HOURS);
      System.arraycopy(history, 0, histories, row * history.length, history.length);
      System.arraycopy(forecaster.forecast(history), 0, forecasts, row * HORIZON, HORIZON);
    }
    return new Golden()
        .input("history", histories, GOLDEN_ROWS, GOLDEN_HOURS, DemandEncoding.COLUMNS)
        .output("forecast", forecasts, GOLDEN_ROWS, HORIZON);
  }
}
