package io.lockstep.loadtest.generator;

import static io.gatling.javaapi.core.CoreDsl.StringBody;
import static io.gatling.javaapi.core.CoreDsl.atOnceUsers;
import static io.gatling.javaapi.core.CoreDsl.exec;
import static io.gatling.javaapi.core.CoreDsl.nothingFor;
import static io.gatling.javaapi.core.CoreDsl.scenario;
import static io.gatling.javaapi.http.HttpDsl.http;
import static io.gatling.javaapi.http.HttpDsl.status;

import io.gatling.javaapi.core.ChainBuilder;
import io.gatling.javaapi.core.OpenInjectionStep;
import io.gatling.javaapi.core.PopulationBuilder;
import io.gatling.javaapi.core.Simulation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A stage as Gatling sees it. Gatling makes the instance, on the thread that called it. */
public final class StageSimulation extends Simulation {

  /** The stage to run. */
  static final ScopedValue<StageRun> CURRENT = ScopedValue.newInstance();

  /** Users of an open loop come in groups of this length, and wait for their own time. */
  private static final Duration SLICE = Duration.ofMillis(100);

  public StageSimulation() {
    StageRun run = CURRENT.get();
    PopulationBuilder population =
        switch (run.stage().load()) {
          case Load.Open _ -> open(run);
          case Load.Closed closed -> closed(run, closed.clients());
        };
    setUp(population).protocols(http.shareConnections().contentTypeHeader("application/json"));
  }

  private static PopulationBuilder open(StageRun run) {
    return scenario("open")
        .exec(run::schedule)
        .pause(run::untilDue)
        .exec(request(run))
        .injectOpen(slices(run.times()));
  }

  private static PopulationBuilder closed(StageRun run, int clients) {
    return scenario("closed")
        .during(run.stage().duration())
        .on(exec(run::take).exec(request(run)))
        .injectOpen(atOnceUsers(clients));
  }

  /** A group of users at the beginning of each slice, as many as have a time in it. */
  static List<OpenInjectionStep> slices(long[] times) {
    List<OpenInjectionStep> steps = new ArrayList<>();
    int index = 0;
    for (long end = SLICE.toNanos(); index < times.length; end += SLICE.toNanos()) {
      int users = 0;
      for (; index < times.length && times[index] < end; index++) {
        users++;
      }
      if (users > 0) {
        steps.add(atOnceUsers(users));
      }
      steps.add(nothingFor(SLICE));
    }
    return steps;
  }

  private static ChainBuilder request(StageRun run) {
    return exec(run::sending)
        .exec(
            http("request")
                .post(run.stage().url())
                .body(StringBody(session -> session.getString(StageRun.BODY)))
                .check(status().saveAs(StageRun.STATUS)))
        .exec(run::answered);
  }
}
