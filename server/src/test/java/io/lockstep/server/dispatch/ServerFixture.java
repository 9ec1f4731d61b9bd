package io.lockstep.server.dispatch;

import io.lockstep.runtime.BatchTraits;
import io.lockstep.runtime.GraphModel;
import io.lockstep.runtime.GraphSession;
import io.lockstep.server.batching.BatchRules;
import io.lockstep.server.batching.LengthBuckets;
import io.lockstep.server.batching.SequenceRules;
import io.lockstep.server.metrics.MetricsOptions;
import io.lockstep.server.metrics.ServingMetrics;
import io.lockstep.server.registry.LoadedGraph;
import io.lockstep.server.serving.BatchSettings;
import io.lockstep.server.serving.ModelDescription;
import io.lockstep.server.serving.StateTraits;
import io.lockstep.server.serving.Task;
import io.lockstep.server.serving.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Version servers over models of tests. */
final class ServerFixture {

  static final String MODEL = "fake";

  private ServerFixture() {}

  /** A version of {@code model} as the loader would hand it over. */
  static LoadedGraph version(
      GraphModel model, int maxRows, int queueRows, Duration delay, int instances) {
    return version(
        model, new BatchSettings(maxRows, delay, queueRows, instances), SequenceRules.NONE);
  }

  /** A version of {@code model} that carries state. */
  static LoadedGraph version(GraphModel model, BatchSettings settings, SequenceRules sequences) {
    BatchTraits traits = model.batchTraits();
    BatchRules rules =
        new BatchRules(
            traits, LengthBuckets.of(List.of(), 512), settings.maxBatchSize(), Integer.MAX_VALUE);
    List<GraphSession> sessions = new ArrayList<>();
    for (int i = 0; i < settings.instances(); i++) {
      sessions.add(model.newSession());
    }
    ModelDescription description =
        new ModelDescription(
            MODEL,
            "1",
            "onnx_onnxv1",
            "",
            model.signature(),
            traits,
            settings,
            Task.NONE,
            Optional.empty(),
            List.of(),
            model.parameters(),
            0,
            Optional.empty(),
            StateTraits.NONE);
    return new LoadedGraph(description, model, sessions, rules, sequences);
  }

  static VersionServer stepped(LoadedGraph version, Ticker ticker) {
    return new VersionServer(
        version,
        1 << 20,
        ticker,
        new ServingMetrics(MetricsOptions.DEFAULTS),
        new RecentBatches(8),
        new SequenceHomes());
  }
}
