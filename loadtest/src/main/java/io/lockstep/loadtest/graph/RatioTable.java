package io.lockstep.loadtest.graph;

import io.lockstep.loadtest.graph.GraphCase.Arithmetic;
import io.lockstep.loadtest.graph.TurnTimes.Spread;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Times of both engines as lines of text; afterwards what their ratios come to. */
final class RatioTable {

  private final PrintWriter out;
  private final Map<Arithmetic, Double> ceilings;
  private final Map<Section, List<Double>> ratios = new EnumMap<>(Section.class);

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
        "%n%-38s %12s %12s %7s %11s %9s %8s %10s%n",
        "", "lockstep us", "onnxrt us", "ratio", "quartiles", "G/s", "of peak", "difference");
    out.flush();
  }

  /**
   * A case measured.
   *
   * @param difference of the engines' outputs, as {@link Outputs} gives it
   */
  void line(GraphCase work, TurnTimes times, double difference) {
    Spread ratio = times.ratio();
    ratios.computeIfAbsent(work.section(), section -> new ArrayList<>()).add(ratio.median());
    out.printf(
        Locale.ROOT,
        "%-38s %12.1f %12.1f %7.2f %5.2f-%5.2f %9s %8s %10.1e%n",
        work.name(),
        times.ours() / 1e3,
        times.theirs() / 1e3,
        ratio.median(),
        ratio.lowerQuartile(),
        ratio.upperQuartile(),
        work.operations() > 0 ? "%.0f".formatted(work.operations() / times.ours()) : "",
        share(work, times.ours()),
        difference);
    out.flush();
  }

  /** A case that is not measured. */
  void leftOut(GraphCase work, String reason) {
    out.printf("%-38s %s%n", work.name(), reason);
    out.flush();
  }

  private String share(GraphCase work, double nanos) {
    Double ceiling = ceilings.get(work.arithmetic());
    return ceiling == null
        ? ""
        : "%.0f %%".formatted(100 * work.operations() * 1e9 / nanos / ceiling);
  }

  /**
   * Of each section and of all cases: how many, the geometric mean of their ratios, the least, how
   * many are below 1, and what is aimed at.
   */
  void means() {
    out.printf(
        "%n%-38s %6s %11s %7s %8s %7s%n", "", "cases", "mean ratio", "least", "below 1", "target");
    ratios.forEach((section, some) -> {
      String target =
          section.target().isPresent()
              ? String.format(Locale.ROOT, "%.1f", section.target().getAsDouble())
              : "";
      mean(section.title(), some, target);
    });
    mean("all", ratios.values().stream().flatMap(List::stream).toList(), "");
    out.printf("%n");
    out.flush();
  }

  private void mean(String title, List<Double> some, String target) {
    out.printf(
        Locale.ROOT,
        "%-38s %6d %11.2f %7.2f %8d %7s%n",
        title,
        some.size(),
        Math.exp(some.stream().mapToDouble(Math::log).average().orElse(Double.NaN)),
        some.stream().mapToDouble(Double::doubleValue).min().orElse(Double.NaN),
        some.stream().filter(ratio -> ratio < 1).count(),
        target);
  }
}
