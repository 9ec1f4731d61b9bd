package io.lockstep.server.metrics;

import io.lockstep.server.serving.Phase;
import io.lockstep.server.serving.PhaseClock;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Requests for one model version through one protocol; each meter is looked up once. */
final class RequestMeters {

  static final String SUCCESS = "success";

  private static final Phase[] PHASES = Phase.values();

  private final Instruments instruments;
  private final Tags tags;
  private final Map<String, Outcome> outcomes = new ConcurrentHashMap<>();
  private final Map<Phase, Timer> phases = new EnumMap<>(Phase.class);

  private record Outcome(Counter requests, Timer duration) {}

  RequestMeters(Instruments instruments, Tags tags) {
    this.instruments = instruments;
    this.tags = tags;
    for (Phase phase : PHASES) {
      phases.put(
          phase,
          instruments.timer(Meters.REQUEST_PHASE, tags.and(Meters.Label.PHASE, phase.label())));
    }
  }

  void finished(String outcome, PhaseClock clock) {
    Outcome meters = outcomes.get(outcome);
    if (meters == null) {
      meters = outcomes.computeIfAbsent(outcome, this::outcome);
    }
    meters.requests().increment();
    meters.duration().record(clock.totalNanos(), TimeUnit.NANOSECONDS);
    if (!outcome.equals(SUCCESS)) {
      return;
    }
    for (Phase phase : PHASES) {
      long nanos = clock.nanos(phase);
      Timer timer = phases.get(phase);
      if (nanos > 0 && timer != null) {
        timer.record(nanos, TimeUnit.NANOSECONDS);
      }
    }
  }

  private Outcome outcome(String outcome) {
    Tags all = tags.and(Meters.Label.OUTCOME, outcome);
    return new Outcome(
        instruments.counter(Meters.REQUESTS, all), instruments.timer(Meters.REQUEST_DURATION, all));
  }
}
