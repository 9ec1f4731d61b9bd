package io.lockstep.server.registry;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.runtime.BatchTraits.Mode;
import io.lockstep.runtime.GraphModel;
import io.lockstep.runtime.error.UnsupportedModelException;
import io.lockstep.runtime.tensor.DType;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.TensorType;
import io.lockstep.server.config.ConfigException;
import io.lockstep.server.config.ServerConfig;
import io.lockstep.server.dispatch.QueuedInferenceService;
import io.lockstep.server.dispatch.RecentBatches;
import io.lockstep.server.dispatch.SequenceHomes;
import io.lockstep.server.dispatch.VersionServer;
import io.lockstep.server.fakes.FakeModel;
import io.lockstep.server.fakes.FakeModel.Flaw;
import io.lockstep.server.fakes.FakeRecurrent;
import io.lockstep.server.fakes.TextRequests;
import io.lockstep.server.metrics.MetricsOptions;
import io.lockstep.server.metrics.ServingMetrics;
import io.lockstep.server.serving.ErrorCode;
import io.lockstep.server.serving.InferRequest;
import io.lockstep.server.serving.InferResponse;
import io.lockstep.server.serving.ModelStatus;
import io.lockstep.server.serving.NamedTensor;
import io.lockstep.server.serving.PhaseClock;
import io.lockstep.server.serving.SequenceControl;
import io.lockstep.server.serving.SequenceId;
import io.lockstep.server.serving.ServingException;
import io.lockstep.server.serving.SystemTicker;
import io.lockstep.server.serving.TensorMemory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Model files here hold one word: the factor that the fake model multiplies with, or a flaw. */
final class ModelRegistryTest {

  @TempDir Path folder;

  private final SystemTicker ticker = new SystemTicker();
  private final ExecutorService loaderThread = Executors.newSingleThreadExecutor();
  private final ExecutorService drains = Executors.newVirtualThreadPerTaskExecutor();
  private final SequenceHomes homes = new SequenceHomes();
  private final List<FakeModel> opened = Collections.synchronizedList(new ArrayList<>());
  private ModelRegistry<VersionServer> registry;
  private QueuedInferenceService inference;

  @BeforeEach
  void startRegistry() {
    ModelFolder models = new ModelFolder(folder);
    registry =
        new ModelRegistry<>(
            models,
            new VersionLoader(models, ServerConfig.DEFAULTS, this::open, ticker),
            VersionServer.factory(
                1 << 20,
                ticker,
                new ServingMetrics(MetricsOptions.DEFAULTS),
                new RecentBatches(8),
                homes),
            Duration.ofSeconds(10),
            ticker,
            new LoaderThreads(loaderThread, Runnable::run, drains));
    inference = new QueuedInferenceService(registry, homes);
  }

  @AfterEach
  void everythingIsGivenBack() {
    registry.close();
    loaderThread.shutdown();
    drains.shutdown();
    for (FakeModel model : opened) {
      assertTrue(model.isClosed(), "a model was not closed");
    }
  }

  private GraphModel open(Path file) {
    try {
      String word = Files.readString(file).strip();
      if (word.equals("recurrent")) {
        return FakeRecurrent.batching();
      }
      FakeModel model =
          switch (word) {
            case "broken" -> throw new UnsupportedModelException("operators: Frobnicate (1)");
            case "bug" -> throw new ArithmeticException("a fault of the importer");
            case "sums-padding" -> new FakeModel(Mode.PADDED, Flaw.SUMS_PADDING, 1);
            case "counts-neighbours" -> new FakeModel(Mode.PADDED, Flaw.COUNTS_NEIGHBOURS, 1);
            default -> new FakeModel(Mode.PADDED, Flaw.NONE, Float.parseFloat(word));
          };
      opened.add(model);
      return model;
    } catch (IOException problem) {
      throw new UncheckedIOException(problem);
    }
  }

  private void write(String path, String content) throws IOException {
    Path file = folder.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
  }

  private float ask(String model, String version) throws InterruptedException {
    InferRequest request =
        TextRequests.of(model, ticker, new long[] {1, 2}).version(version).build();
    try (InferResponse response = inference.submit(request).await()) {
      return response.outputs().get(1).tensor().getFloat(0);
    }
  }

  /** A step of a sequence of the recurrent model "r"; each gives it another one. */
  private float stepOf(long sequence, boolean start, boolean end) throws InterruptedException {
    TensorMemory memory = new TensorMemory();
    Tensor x = memory.allocate(TensorType.of(DType.FLOAT32, 1));
    x.setFloat(0, 1);
    InferRequest request =
        InferRequest.builder("r", memory, PhaseClock.start(ticker))
            .inputs(List.of(new NamedTensor("x", x)))
            .sequence(new SequenceControl(SequenceId.of(sequence), start, end))
            .build();
    try (InferResponse response = inference.submit(request).await()) {
      return response.outputs().getFirst().tensor().getFloat(0);
    }
  }

  private String states() {
    return registry.index().stream()
        .map(status -> status.name() + "/" + status.version() + " " + status.state())
        .toList()
        .toString();
  }

  private static ErrorCode codeOf(Executable action) {
    return assertThrows(ServingException.class, action).code();
  }

  @Test
  void sequencesOfAnUnloadedModelGoOnWhileOtherModelsLoad() throws Exception {
    write("r/1/model.onnx", "recurrent");
    write("m/1/model.onnx", "1");
    registry.refresh();
    stepOf(7, true, false);
    registry.unload("r");
    assertEquals("[m/1 READY, r/1 DRAINING]", states());
    registry.load("m");
    assertEquals(3, ask("m", null));
    float[] state = {0, 0};
    FakeRecurrent.step(state, 1);
    assertEquals(FakeRecurrent.step(state, 1), stepOf(7, false, false));
    registry.load("r");
    assertEquals("[m/1 READY, r/1 READY]", states());
    assertEquals(FakeRecurrent.step(state, 1), stepOf(7, false, true));
    assertEquals(ErrorCode.INVALID_ARGUMENT, codeOf(() -> stepOf(7, false, false)));
  }

  @Test
  void servesTheLatestVersionAndBareFiles() throws Exception {
    write("m/1/model.onnx", "1");
    write("m/10/model.onnx", "10");
    write("m/9/model.onnx", "9");
    write("bare.onnx", "5");
    write("m/notes.txt", "");
    write("no model/1/model.onnx", "1");
    registry.refresh();
    assertEquals("[bare/1 READY, m/10 READY]", states());
    assertEquals(30, ask("m", null));
    assertEquals(15, ask("bare", "1"));
    assertEquals(ErrorCode.MODEL_NOT_FOUND, codeOf(() -> ask("m", "9")));
    assertEquals(ErrorCode.MODEL_NOT_FOUND, codeOf(() -> ask("m", "ten")));
    assertEquals(ErrorCode.MODEL_NOT_FOUND, codeOf(() -> ask("../m", null)));
    assertEquals("onnx_onnxv1", registry.describe("m", null).platform());
  }

  @Test
  void versionPolicyOfTheModelDecides() throws Exception {
    write("m/1/model.onnx", "1");
    write("m/2/model.onnx", "2");
    write("m/3/model.onnx", "3");
    write("m/model.yaml", "version_policy: [1, 3]");
    registry.refresh();
    assertEquals("[m/1 READY, m/3 READY]", states());
    assertEquals(3, ask("m", "1"));
    assertEquals(9, ask("m", null));
    write("m/model.yaml", "version_policy: all");
    registry.refresh();
    assertEquals("[m/1 READY, m/2 READY, m/3 READY]", states());
  }

  @Test
  void modelThatFailsDoesNotStopTheOthers() throws Exception {
    write("a/1/model.onnx", "broken");
    write("b/1/model.onnx", "bug");
    write("c/1/model.onnx", "1");
    write("d/1/model.onnx", "1");
    write("d/model.yaml", "poolin: mean");
    write("e/model.yaml", "");
    registry.refresh();
    assertEquals("[a/1 FAILED, b/1 FAILED, c/1 READY, d/1 FAILED, e/1 FAILED]", states());
    List<String> reasons = registry.index().stream().map(ModelStatus::reason).toList();
    assertEquals("operators: Frobnicate (1)", reasons.get(0));
    assertEquals("an internal error, ArithmeticException", reasons.get(1));
    assertTrue(reasons.get(3).contains("did you mean 'pooling'?"), reasons.get(3));
    assertTrue(reasons.get(4).contains("no <version>/model.onnx"), reasons.get(4));
    assertEquals(ErrorCode.MODEL_NOT_READY, codeOf(() -> ask("a", null)));
    assertEquals(3, ask("c", null));
  }

  @Test
  void brokenSuccessorLeavesTheOldOneServing() throws Exception {
    write("m/1/model.onnx", "1");
    registry.load("m");
    write("m/2/model.onnx", "broken");
    ServingException refused = assertThrows(ServingException.class, () -> registry.load("m"));
    assertEquals(ErrorCode.INVALID_ARGUMENT, refused.code());
    assertTrue(refused.getMessage().contains("Frobnicate"), refused.getMessage());
    assertEquals("[m/1 READY, m/2 FAILED]", states());
    assertEquals(3, ask("m", null));
    write("m/2/model.onnx", "2");
    registry.load("m");
    assertEquals("[m/2 READY]", states());
    assertEquals(6, ask("m", null));
  }

  @Test
  void brokenReloadOfTheSameVersionIsReportedBesideTheOldOne() throws Exception {
    write("m/1/model.onnx", "1");
    registry.refresh();
    write("m/1/model.onnx", "broken");
    registry.refresh();
    assertEquals("[m/1 READY]", states());
    assertTrue(registry.index().getFirst().reason().contains("Frobnicate"));
    assertEquals(3, ask("m", null));
  }

  @Test
  void refreshFollowsTheFolder() throws Exception {
    write("m/1/model.onnx", "1");
    write("gone/1/model.onnx", "1");
    registry.refresh();
    registry.refresh();
    assertEquals(2, opened.size(), "what did not change is not loaded again");
    write("m/2/model.onnx", "22");
    Files.delete(folder.resolve("gone/1/model.onnx"));
    Files.delete(folder.resolve("gone/1"));
    Files.delete(folder.resolve("gone"));
    registry.refresh();
    assertEquals("[m/2 READY]", states());
    assertEquals(66, ask("m", null));
  }

  @Test
  void unloadedModelGivesItsMemoryBackAndStaysAwayUntilAskedFor() throws Exception {
    write("m/1/model.onnx", "1");
    registry.refresh();
    registry.unload("m");
    assertTrue(opened.getFirst().isClosed());
    assertEquals("[]", states());
    assertEquals(ErrorCode.MODEL_NOT_FOUND, codeOf(() -> ask("m", null)));
    assertEquals(ErrorCode.MODEL_NOT_FOUND, codeOf(() -> registry.unload("m")));
    registry.refresh();
    assertEquals("[]", states());
    registry.load("m");
    assertEquals(3, ask("m", null));
    assertEquals(ErrorCode.MODEL_NOT_FOUND, codeOf(() -> registry.load("other")));
  }

  @Test
  void reloadingInALoopFailsNoRequest() throws Exception {
    write("m/1/model.onnx", "1");
    registry.refresh();
    AtomicBoolean stop = new AtomicBoolean();
    List<Future<Integer>> clients = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 8; i++) {
        clients.add(
            threads.submit(() -> {
              int asked = 0;
              while (!stop.get()) {
                float answer = ask("m", null);
                assertTrue(answer == 3 || answer == 6, "answer " + answer);
                asked++;
              }
              return asked;
            }));
      }
      for (int i = 0; i < 30; i++) {
        write("m/1/model.onnx", i % 2 == 0 ? "2" : "1");
        registry.load("m");
      }
      stop.set(true);
      for (Future<Integer> client : clients) {
        assertTrue(client.get() > 0);
      }
    }
    assertEquals(30, opened.stream().filter(FakeModel::isClosed).count());
  }

  @Test
  void selfCheckTakesAModelThatPaddingChangesBackToOneShape() throws Exception {
    write("m/1/model.onnx", "sums-padding");
    registry.refresh();
    assertEquals(Mode.SAME_SHAPE, registry.describe("m", null).traits().mode());
  }

  @Test
  void selfCheckTakesAModelThatNeighboursChangeBackToSingleRows() throws Exception {
    write("m/1/model.onnx", "counts-neighbours");
    registry.refresh();
    assertEquals(Mode.NONE, registry.describe("m", null).traits().mode());
    assertEquals(1, registry.describe("m", null).batching().maxBatchSize());
  }

  @Test
  void modelFileSetsBatchingAndInstances() throws Exception {
    write("m/1/model.onnx", "1");
    write("m/1/labels.txt", "cat\ndog\n");
    write(
        "m/model.yaml",
        "instances: 2\nbatching:\n  max_batch_size: 3\n  mode: same_shape\n  max_queue_size: 9\n");
    registry.refresh();
    var description = registry.describe("m", null);
    assertEquals(2, description.batching().instances());
    assertEquals(3, description.batching().maxBatchSize());
    assertEquals(9, description.batching().maxQueueSize());
    assertEquals(Mode.SAME_SHAPE, description.traits().mode());
    assertEquals(List.of("cat", "dog"), description.labels());
    assertEquals(2, opened.getFirst().openSessions());
  }

  @Test
  void nothingOutsideTheFolderIsReachable(@TempDir Path outside) throws Exception {
    Files.createDirectories(outside.resolve("1"));
    Files.writeString(outside.resolve("1/model.onnx"), "1");
    Files.createSymbolicLink(folder.resolve("linked"), outside);
    Files.createSymbolicLink(folder.resolve("bare.onnx"), outside.resolve("1/model.onnx"));
    Files.createDirectories(folder.resolve("m/2"));
    Files.createSymbolicLink(folder.resolve("m/1"), outside.resolve("1"));
    write("m/2/model.onnx", "2");
    write("k/1/model.onnx", "1");
    write("k/model.yaml", "labels: ../m/2/model.onnx");
    write("l/1/model.onnx", "1");
    write("l/model.yaml", "labels: " + outside.resolve("1/model.onnx"));
    registry.refresh();
    assertEquals("[k/1 READY, l/1 FAILED, m/2 READY]", states());
    assertFalse(registry.isReady("linked", null));
    assertThrows(ConfigException.class, () -> new ModelFolder(folder.resolve("missing")));
  }

  @Test
  void outputsOfEveryModeAreThoseOfTheRequest() throws Exception {
    write("m/1/model.onnx", "1");
    registry.refresh();
    InferRequest request = TextRequests.of("m", ticker, new long[] {4, 5}).build();
    try (InferResponse response = inference.submit(request).await()) {
      assertArrayEquals(
          new float[] {4, 9, 5, 9}, response.outputs().getFirst().tensor().toFloats());
    }
  }
}
