package io.lockstep.server.metrics;

import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.DataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import io.prometheus.metrics.model.snapshots.UnknownSnapshot;
import io.prometheus.metrics.model.snapshots.UnknownSnapshot.UnknownDataPointSnapshot;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Derives the series of aliases from a scrape, so that recording costs nothing more. */
final class AliasSnapshots {

  private final Map<String, MetricSnapshot> scraped = new LinkedHashMap<>(); // by Prometheus name

  AliasSnapshots(MetricSnapshots snapshots) {
    snapshots.forEach(
        snapshot -> scraped.put(snapshot.getMetadata().getPrometheusName(), snapshot));
  }

  /** Everything that was scraped, and the aliases that have a series. */
  MetricSnapshots with(List<Alias> aliases) {
    Map<String, List<Alias>> byName = new LinkedHashMap<>();
    aliases.forEach(
        alias -> byName.computeIfAbsent(alias.name(), _ -> new ArrayList<>()).add(alias));
    List<MetricSnapshot> all = new ArrayList<>(scraped.values());
    byName.forEach((name, sameName) -> snapshot(name, sameName).ifPresent(all::add));
    return new MetricSnapshots(all);
  }

  private Optional<MetricSnapshot> snapshot(String name, List<Alias> aliases) {
    String help = "What " + aliases.getFirst().source().prometheusName() + " measures.";
    MetricSnapshot built =
        switch (aliases.getFirst().type()) {
          case COUNTER -> {
            CounterSnapshot.Builder counter =
                CounterSnapshot.builder()
                    .name(name.substring(0, name.length() - "_total".length()));
            values(aliases)
                .forEach((labels, value) ->
                    counter.dataPoint(
                        CounterDataPointSnapshot.builder().labels(labels).value(value).build()));
            yield counter.help(help).build();
          }
          case UNTYPED -> {
            UnknownSnapshot.Builder untyped = UnknownSnapshot.builder().name(name);
            values(aliases)
                .forEach((labels, value) ->
                    untyped.dataPoint(
                        UnknownDataPointSnapshot.builder().labels(labels).value(value).build()));
            yield untyped.help(help).build();
          }
          case HISTOGRAM -> {
            HistogramSnapshot.Builder histogram = HistogramSnapshot.builder().name(name);
            histograms(aliases.getFirst()).forEach(histogram::dataPoint);
            yield histogram.help(help).build();
          }
        };
    return built.getDataPoints().isEmpty() ? Optional.empty() : Optional.of(built);
  }

  private Map<Labels, Double> values(List<Alias> aliases) {
    Map<Labels, Double> sums = new TreeMap<>();
    for (Alias alias : aliases) {
      Map<Labels, Double> divisors = new TreeMap<>();
      alias
          .divisor()
          .ifPresent(meter ->
              points(alias, meter)
                  .forEach(point ->
                      divisors.merge(
                          labels(alias, point), value(point, alias.part()), Double::sum)));
      for (DataPointSnapshot point : points(alias, alias.source())) {
        Labels labels = labels(alias, point);
        double divisor = alias.divisor().isPresent() ? divisors.getOrDefault(labels, 0.0) : 1;
        double value = value(point, alias.part()) * alias.scale();
        sums.merge(labels, divisor == 0 ? 0 : value / divisor, Double::sum);
      }
    }
    return sums;
  }

  private List<DataPointSnapshot> points(Alias alias, Meters meter) {
    String name = meter.prometheusName();
    MetricSnapshot snapshot =
        scraped.get(
            meter.kind() == Meters.Kind.COUNTER
                ? name.substring(0, name.length() - "_total".length())
                : name);
    List<DataPointSnapshot> points = new ArrayList<>();
    if (snapshot != null) {
      for (DataPointSnapshot point : snapshot.getDataPoints()) {
        Labels labels = point.getLabels();
        if (alias.only().entrySet().stream()
            .allMatch(only -> only.getValue().equals(labels.get(only.getKey())))) {
          points.add(point);
        }
      }
    }
    return points;
  }

  private static Labels labels(Alias alias, DataPointSnapshot point) {
    Labels.Builder labels = Labels.builder();
    alias.labels().forEach((ours, theirs) -> labels.label(theirs, point.getLabels().get(ours)));
    alias.fixed().forEach(labels::label);
    return labels.build();
  }

  private static double value(DataPointSnapshot point, Alias.Part part) {
    return switch (part) {
      case COUNT -> ((HistogramDataPointSnapshot) point).getCount();
      case SUM -> ((HistogramDataPointSnapshot) point).getSum();
      case VALUE ->
          point instanceof CounterDataPointSnapshot counter
              ? counter.getValue()
              : ((GaugeDataPointSnapshot) point).getValue();
      case BUCKETS -> throw new IllegalStateException("a whole histogram has no one value");
    };
  }

  /** Histograms of equal labels, added up; all of one meter have the same buckets. */
  private List<HistogramDataPointSnapshot> histograms(Alias alias) {
    Map<Labels, HistogramDataPointSnapshot> sums = new TreeMap<>();
    for (DataPointSnapshot point : points(alias, alias.source())) {
      HistogramDataPointSnapshot histogram = (HistogramDataPointSnapshot) point;
      Labels labels = labels(alias, point);
      sums.merge(labels, relabelled(histogram, labels), AliasSnapshots::sum);
    }
    return List.copyOf(sums.values());
  }

  private static HistogramDataPointSnapshot relabelled(
      HistogramDataPointSnapshot histogram, Labels labels) {
    return HistogramDataPointSnapshot.builder()
        .classicHistogramBuckets(histogram.getClassicBuckets())
        .sum(histogram.getSum())
        .labels(labels)
        .build();
  }

  private static HistogramDataPointSnapshot sum(
      HistogramDataPointSnapshot a, HistogramDataPointSnapshot b) {
    ClassicHistogramBuckets.Builder buckets = ClassicHistogramBuckets.builder();
    for (int i = 0; i < a.getClassicBuckets().size(); i++) {
      buckets.bucket(
          a.getClassicBuckets().getUpperBound(i),
          a.getClassicBuckets().getCount(i) + b.getClassicBuckets().getCount(i));
    }
    return HistogramDataPointSnapshot.builder()
        .classicHistogramBuckets(buckets.build())
        .sum(a.getSum() + b.getSum())
        .labels(a.getLabels())
        .build();
  }
}
