package io.lockstep.loadtest.report;

import java.util.Locale;

/** Measurements as lines of text. */
public final class ResultTable {

  private ResultTable() {}

  /** The names of the columns. */
  public static String head() {
    return String.format(
        "%-28s %-16s %10s %8s %8s %8s %8s %8s %8s %8s",
        "server",
        "load",
        "answered/s",
        "p50 ms",
        "p90",
        "p99",
        "p99.9",
        "rejected",
        "failed",
        "late p99");
  }

  /** One measurement, and a second line for its streams. */
  public static String line(Measurement measurement) {
    Percentiles latency = measurement.latency();
    String line =
        String.format(
            Locale.ROOT,
            "%-28s %-16s %10.1f %8.1f %8.1f %8.1f %8.1f %8d %8d %8.1f",
            measurement.server(),
            measurement.load(),
            measurement.answeredPerSecond(),
            latency.p50(),
            latency.p90(),
            latency.p99(),
            latency.p999(),
            measurement.rejected(),
            measurement.failed(),
            measurement.lag().p99());
    return measurement.stream().map(stream -> line + "\n" + line(stream)).orElse(line);
  }

  private static String line(StreamMeasurement stream) {
    return String.format(
        Locale.ROOT,
        "    first token p50 %.1f ms, p99 %.1f ms; between tokens p50 %.2f ms, p99 %.2f ms;"
            + " tokens/s %.1f in all, of a stream p50 %.1f, p10 %.1f, p1 %.1f",
        stream.firstToken().p50(),
        stream.firstToken().p99(),
        stream.interToken().p50(),
        stream.interToken().p99(),
        stream.tokensPerSecond(),
        stream.streamTokensPerSecond().median(),
        stream.streamTokensPerSecond().slowestTenth(),
        stream.streamTokensPerSecond().slowestHundredth());
  }
}
