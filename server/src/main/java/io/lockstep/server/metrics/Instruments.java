package io.lockstep.server.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;

/** Makes the meters of {@link Meters} in a registry; asking again gives the same meter. */
final class Instruments {

  /** Upper bounds of the duration histograms: 35 from 15 µs, each 1.5 times the one before. */
  static final Duration[] DURATION_BUCKETS = durationBuckets();

  private static final double[] COUNT_BUCKETS = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024};

  private final MeterRegistry registry;

  /** What counters read: the registry itself refers to it weakly. */
  private final Map<Meter.Id, DoubleSupplier> read = new ConcurrentHashMap<>();

  Instruments(MeterRegistry registry) {
    this.registry = registry;
  }

  Counter counter(Meters meter, Tags tags) {
    return Counter.builder(meter.dotted())
        .description(meter.help())
        .baseUnit(meter.unit().label())
        .tags(tags)
        .register(registry);
  }

  /** A counter that is kept elsewhere and read at each scrape. */
  void counter(Meters meter, Tags tags, DoubleSupplier value) {
    FunctionCounter counter =
        FunctionCounter.builder(meter.dotted(), value, DoubleSupplier::getAsDouble)
            .description(meter.help())
            .baseUnit(meter.unit().label())
            .tags(tags)
            .register(registry);
    read.putIfAbsent(counter.getId(), value);
  }

  /** A number that is read at each scrape. */
  void gauge(Meters meter, Tags tags, DoubleSupplier value) {
    Gauge.builder(meter.dotted(), value::getAsDouble)
        .description(meter.help())
        .baseUnit(meter.unit().label())
        .tags(tags)
        .register(registry);
  }

  Timer timer(Meters meter, Tags tags) {
    return Timer.builder(meter.dotted())
        .description(meter.help())
        .tags(tags)
        .serviceLevelObjectives(DURATION_BUCKETS)
        .register(registry);
  }

  DistributionSummary summary(Meters meter, Tags tags) {
    return DistributionSummary.builder(meter.dotted())
        .description(meter.help())
        .tags(tags)
        .serviceLevelObjectives(COUNT_BUCKETS)
        .register(registry);
  }

  private static Duration[] durationBuckets() {
    double nanos = 15_000;
    List<Duration> bounds = new ArrayList<>();
    for (int i = 0; i < 35; i++) {
      bounds.add(Duration.ofNanos(Math.round(nanos)));
      nanos *= 1.5;
    }
    return bounds.toArray(Duration[]::new);
  }
}
