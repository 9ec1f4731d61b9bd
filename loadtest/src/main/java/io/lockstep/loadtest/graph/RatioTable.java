package io.lockstep.loadtest.graph;

import io.lockstep.loadtest.graph.GraphCase.Arithmetic;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Times of both engines as lines of text; afterwards the means of their ratios. */
final class RatioTable {

  private final PrintWriter out;
  private final Map<Arithmetic, Double> ceilings;
  private final Map<String, List<Double>> ratios = new LinkedHashMap<>();

  /**
   * A table without lines.
   *
   * @param ceilings operations a second, or bytes for reads, that this machine reaches at most
   */
  RatioTable(PrintWriter out, Map<Arithmetic, Double> ceilings) {
    this.out = out;
    this.ceilings = ceilings;
  }

  void head(int threads, String kernels) {
    out.printf("%d thread(s), %s kernels; ", threads, kernels);
    ceilings.forEach((arithmetic, most) ->
        out.printf(
            Locale.ROOT,
            "%s at most %.0f G/s; ",
            arithmetic.name().toLowerCase(Locale.ROOT),
            most / 1e9));
    out.printf(
        "%n%-38s %12s %12s %7s %9s %8s %10s%n",
        "", "lockstep us", "onnxrt us", "ratio", "G/s", "of peak", "difference");
    out.flush();
  }

  /**
   * A case measured.
   *
   * @param ours nanoseconds of each round
   * @param theirs nanoseconds of each round, the same number
   * @param difference of their outputs, as {@link Outputs} gives it
   */
  void line(GraphCase work, List<Double> ours, List<Double> theirs, double difference) {
    double ratio = median(theirs) / median(ours);
    ratios.computeIfAbsent(work.group(), group -> new ArrayList<>()).add(ratio);
    out.printf(
        Locale.ROOT,
        "%-38s %12.1f %12.1f %7.2f %9s %8s %10.1e%n",
        work.name(),
        median(ours) / 1e3,
        median(theirs) / 1e3,
        ratio,
        work.operations() > 0 ? "%.0f".formatted(work.operations() / median(ours)) : "",
        share(work, median(ours)),
        difference);
    out.flush();
  }

  private String share(GraphCase work, double nanos) {
    Double ceiling = ceilings.get(work.arithmetic());
    return ceiling == null
        ? ""
        : "%.0f %%".formatted(100 * work.operations() * 1e9 / nanos / ceiling);
  }

  /** The geometric mean and the least of the ratios of each group. */
  void means() {
    out.printf("%n%-38s %12s %12s%n", "", "mean ratio", "least");
    ratios.forEach((group, all) ->
        out.printf(
            Locale.ROOT,
            "%-38s %12.2f %12.2f%n",
            group,
            Math.exp(all.stream().mapToDouble(Math::log).average().orElse(0)),
            all.stream().mapToDouble(Double::doubleValue).min().orElse(0)));
    out.printf("%n");
    out.flush();
  }

  static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }
}
