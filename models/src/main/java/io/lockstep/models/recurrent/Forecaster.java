package io.lockstep.models.recurrent;

import io.lockstep.models.file.Attribute;
import io.lockstep.models.file.OnnxGraph;
import java.util.Arrays;
import java.util.List;

/**
 * A trained network with its encoding, as its file holds it: the weights are floats, and the last
 * layer answers in rentals and not in standard deviations.
 */
final class Forecaster {
  private final ForecastNetwork network;
  private final DemandEncoding encoding;
  private final float[] parameters; // laid out as the network's, the last layer in rentals

  /**
   * Rounds a trained network to floats.
   *
   * @param trained the network's parameters, which answer in standard deviations
   */
  Forecaster(ForecastNetwork network, DemandEncoding encoding, double[] trained) {
    this.network = network;
    this.encoding = encoding;
    this.parameters = new float[trained.length];
    for (int i = 0; i < trained.length; i++) {
      double offset = i < network.layerBiases() ? 0 : encoding.offset();
      double scale = i < network.gru().parameterCount() ? 1 : encoding.inverseDeviation();
      parameters[i] = (float) ((trained[i] - offset) / scale);
    }
  }

  /**
   * Rentals in the hours after a history, [horizon]; computed in double precision.
   *
   * @param history [hours, 3]
   */
  double[] forecast(float[] history) {
    double[] widened = new double[parameters.length];
    for (int i = 0; i < widened.length; i++) {
      widened[i] = parameters[i];
    }
    return network.answer(widened, encoding.encode(history));
  }

  /** The graph that does in floats what {@link #forecast} does, for a batch of histories. */
  OnnxGraph graph() {
    var graph =
        new OnnxGraph("hourly-demand", "Bike rentals in the next 24 hours, from those before.")
            .property("feature_names", "rentals,hour_of_day,day_of_week")
            .input(
                "history",
                "rentals in the hour, hour of day 0 to 23, day of week from Monday 0",
                "batch",
                "time",
                "3")
            .output(
                "forecast",
                "expected rentals in each hour after the history",
                "batch",
                Integer.toString(network.horizon()));
    addEncoding(graph);
    addRecurrence(graph);
    return graph;
  }

  private void addEncoding(OnnxGraph graph) {
    float[] demandWeights = {encoding.inverseDeviation(), 0, 0};
    float[] angleWeights = {
      0, 0, DemandEncoding.DAY_BY_HOUR, DemandEncoding.WEEK_BY_HOUR, 0, DemandEncoding.WEEK_BY_DAY
    };
    graph
        .constant("demand_weights", demandWeights, 3, 1)
        .constant("demand_offset", new float[] {encoding.offset()}, 1)
        .constant("angle_weights", angleWeights, 3, 2)
        .node("pick_demand", "MatMul", List.of("history", "demand_weights"), List.of("demand"))
        .node("centre_demand", "Add", List.of("demand", "demand_offset"), List.of("scaled"))
        .node(
            "angles_in_day_and_week",
            "MatMul",
            List.of("history", "angle_weights"),
            List.of("angles"))
        .node("sines", "Sin", List.of("angles"), List.of("sine"))
        .node("cosines", "Cos", List.of("angles"), List.of("cosine"))
        .node(
            "encode",
            "Concat",
            List.of("scaled", "sine", "cosine"),
            List.of("encoded"), // [batch, time, 5]
            Attribute.of("axis", 2));
  }

  private void addRecurrence(OnnxGraph graph) {
    Gru gru = network.gru();
    int hidden = gru.hidden();
    graph
        .constant("gru_w", slice(0, gru.recurrentWeights()), 1, 3L * hidden, gru.inputs())
        .constant("gru_r", slice(gru.recurrentWeights(), gru.inputBiases()), 1, 3L * hidden, hidden)
        .constant("gru_b", slice(gru.inputBiases(), gru.parameterCount()), 1, 6L * hidden)
        .constant(
            "layer_w",
            slice(gru.parameterCount(), network.layerBiases()),
            network.horizon(),
            hidden)
        .constant(
            "layer_b", slice(network.layerBiases(), network.parameterCount()), network.horizon())
        .constant("directions_axis", 0)
        .node(
            "time_first",
            "Transpose",
            List.of("encoded"),
            List.of("sequence"), // [time, batch, 5]
            Attribute.integers("perm", List.of(1, 0, 2)))
        .node(
            "gru",
            "GRU",
            List.of("sequence", "gru_w", "gru_r", "gru_b"),
            List.of("", "states"), // [1, batch, hidden]
            Attribute.of("hidden_size", hidden),
            Attribute.of("linear_before_reset", 1))
        .node(
            "drop_direction",
            "Squeeze",
            List.of("states", "directions_axis"),
            List.of("state")) // [batch, hidden]
        .node(
            "next_hours",
            "Gemm",
            List.of("state", "layer_w", "layer_b"),
            List.of("forecast"),
            Attribute.of("transB", 1));
  }

  private float[] slice(int from, int to) {
    return Arrays.copyOfRange(parameters, from, to);
  }
}
