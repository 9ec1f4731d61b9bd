package io.lockstep.server.metrics;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A name of another server for what a meter of ours measures, added up over the labels that the
 * other server does not have.
 *
 * @param name as that server scrapes it, {@code _total} of counters included
 * @param type how it is scraped
 * @param source our meter
 * @param part what of the meter
 * @param scale what our value is multiplied with, such as 1e6 for microseconds
 * @param only the series whose labels have these values; all when empty
 * @param labels our labels that are kept, by the names that they get
 * @param fixed labels with one value
 * @param divisor a meter of the same labels that the value is divided by
 */
record Alias(
    String name,
    Type type,
    Meters source,
    Part part,
    double scale,
    Map<String, String> only,
    Map<String, String> labels,
    Map<String, String> fixed,
    Optional<Meters> divisor) {

  /** How an alias is scraped. */
  enum Type {
    /** A name that ends with {@code _total}. */
    COUNTER,
    /** A counter whose name does not say so, or a gauge. */
    UNTYPED,
    HISTOGRAM
  }

  /** What of a meter is taken. */
  enum Part {
    /** Of counters and gauges. */
    VALUE,
    /** Of histograms. */
    COUNT,
    /** Of histograms. */
    SUM,
    /** A whole histogram. */
    BUCKETS
  }

  private static final Map<String, String> TRITON =
      Map.of(Meters.Label.MODEL, "model", Meters.Label.VERSION, "version");
  private static final Map<String, String> VLLM =
      Map.of(Meters.Label.MODEL, "model_name", Meters.Label.VERSION, "engine");
  private static final double MICROS_PER_SECOND = 1e6;

  static Alias triton(String name, Meters source, Part part) {
    return new Alias(
        name, Type.UNTYPED, source, part, 1, Map.of(), TRITON, Map.of(), Optional.empty());
  }

  static Alias vllm(String name, Type type, Meters source, Part part) {
    return new Alias(name, type, source, part, 1, Map.of(), VLLM, Map.of(), Optional.empty());
  }

  Alias only(String label, String value) {
    return new Alias(name, type, source, part, scale, Map.of(label, value), labels, fixed, divisor);
  }

  Alias fixed(String label, String value) {
    return new Alias(name, type, source, part, scale, only, labels, Map.of(label, value), divisor);
  }

  /** Keeps another of our labels, under this name. */
  Alias keeping(String label, String newName) {
    Map<String, String> more = new HashMap<>(labels);
    more.put(label, newName);
    return new Alias(name, type, source, part, scale, only, Map.copyOf(more), fixed, divisor);
  }

  Alias inMicros() {
    return new Alias(name, type, source, part, MICROS_PER_SECOND, only, labels, fixed, divisor);
  }

  Alias dividedBy(Meters meter) {
    return new Alias(name, type, source, part, scale, only, labels, fixed, Optional.of(meter));
  }
}
