package io.lockstep.server.dispatch;

import io.lockstep.runtime.BatchTraits;
import io.lockstep.runtime.GraphModel;
import io.lockstep.runtime.GraphSession;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import io.lockstep.server.batching.BatchRules;
import io.lockstep.server.batching.LengthBuckets;
import io.lockstep.server.metrics.ServingMetrics;
import io.lockstep.server.registry.LoadedVersion;
import io.lockstep.server.serving.BatchSettings;
import io.lockstep.server.serving.InferRequest;
import io.lockstep.server.serving.ModelDescription;
import io.lockstep.server.serving.NamedTensor;
import io.lockstep.server.serving.PhaseClock;
import io.lockstep.server.serving.Task;
import io.lockstep.server.serving.TensorMemory;
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
  static LoadedVersion version(
      GraphModel model, int maxRows, int queueRows, Duration delay, int instances) {
    BatchTraits traits = model.batchTraits();
    BatchRules rules =
        new BatchRules(traits, LengthBuckets.of(List.of(), 512), maxRows, Integer.MAX_VALUE);
    List<GraphSession> sessions = new ArrayList<>();
    for (int i = 0; i < instances; i++) {
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
            new BatchSettings(maxRows, delay, queueRows, instances),
            Task.NONE,
            Optional.empty(),
            List.of(),
            model.parameters(),
            0);
    return new LoadedVersion(description, model, sessions, rules);
  }

  static VersionServer stepped(LoadedVersion version, Ticker ticker) {
    return new VersionServer(version, 1 << 20, ticker, new ServingMetrics());
  }

  /** Rows of ids, all of one length, without padding. */
  static InferRequest.Builder request(Ticker ticker, long[]... rows) {
    TensorMemory memory = new TensorMemory();
    TensorType type = new TensorType(DType.INT64, Shape.of(rows.length, rows[0].length));
    Tensor ids = memory.allocate(type);
    Tensor mask = memory.allocate(type);
    for (int row = 0; row < rows.length; row++) {
      for (int i = 0; i < rows[0].length; i++) {
        ids.setLong((long) row * rows[0].length + i, rows[row][i]);
        mask.setLong((long) row * rows[0].length + i, 1);
      }
    }
    return InferRequest.builder(MODEL, memory, PhaseClock.start(ticker))
        .inputs(
            List.of(new NamedTensor("input_ids", ids), new NamedTensor("attention_mask", mask)));
  }
}
