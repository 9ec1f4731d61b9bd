package io.lockstep.loadtest.generator;

import io.gatling.app.Gatling$;
import java.util.List;

/** Runs stages in this JVM, one at a time: by Gatling, but for those whose answers are streams. */
public final class LoadGenerator {

  private LoadGenerator() {}

  /** All requests of a stage; returns when the last one is answered or has failed. */
  public static List<Sample> run(Stage stage) {
    return stage.traffic().isStreamed() ? StreamGenerator.run(stage) : byGatling(stage);
  }

  private static List<Sample> byGatling(Stage stage) {
    StageRun run = new StageRun(stage);
    int status =
        ScopedValue.where(StageSimulation.CURRENT, run)
            .call(() ->
                Gatling$.MODULE$.fromArgs(
                    new String[] {
                      "--simulation",
                      StageSimulation.class.getName(),
                      "--no-reports",
                      "--results-folder",
                      System.getProperty("java.io.tmpdir")
                    }));
    if (status != 0) {
      throw new IllegalStateException("Gatling ended with status " + status);
    }
    return run.samples();
  }
}
