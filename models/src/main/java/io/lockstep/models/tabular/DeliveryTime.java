package io.lockstep.models.tabular;

import io.lockstep.models.file.Golden;
import io.lockstep.models.file.OnnxGraph;
import io.lockstep.models.file.RepositoryFile;
import java.util.List;

/** The model {@code delivery-time}: minutes until an order is at the door. */
public final class DeliveryTime {
  private static final long SEED = 20_260_101;
  private static final int TRAINING_ROWS = 4_000;
  private static final int GOLDEN_ROWS = 16;

  private DeliveryTime() {}

  /** Trains the model and returns its files. */
  public static List<RepositoryFile> build() {
    TreeEnsemble ensemble = train();
    return List.of(
        new RepositoryFile("delivery-time/1/model.onnx", graph(ensemble).toModel()),
        new RepositoryFile("delivery-time/1/golden.json", golden(ensemble).toJson()));
  }

  static TreeEnsemble train() {
    var limits = new TreeGrower.Limits(4, 20, 0.15);
    return new GradientBoosting(50, 64, limits)
        .train(new DeliveryOrders(SEED).simulate(TRAINING_ROWS));
  }

  /** Orders that the model has not seen. */
  static Table heldOut(int rows) {
    return new DeliveryOrders(SEED + 1).simulate(rows);
  }

  private static OnnxGraph graph(TreeEnsemble ensemble) {
    String names = String.join(",", DeliveryOrders.FEATURES);
    String columns = Integer.toString(DeliveryOrders.FEATURES.size());
    return new OnnxGraph("delivery-time", "Minutes until a restaurant's order is at the door.")
        .property("feature_names", names)
        .input("features", names, "batch", columns)
        .output("minutes", "expected minutes from order to door", "batch", "1")
        .mlNode(
            "trees",
            "TreeEnsembleRegressor",
            List.of("features"),
            List.of("minutes"),
            TreeEnsembleNode.attributes(ensemble));
  }

  private static Golden golden(TreeEnsemble ensemble) {
    Table table = heldOut(GOLDEN_ROWS);
    double[] minutes = new double[GOLDEN_ROWS];
    for (int row = 0; row < GOLDEN_ROWS; row++) {
      minutes[row] = ensemble.predict(table.features(row, 1));
    }
    return new Golden()
        .input("features", table.features(0, GOLDEN_ROWS), GOLDEN_ROWS, table.columns())
        .output("minutes", minutes, GOLDEN_ROWS, 1);
  }
}
