package io.lockstep.server.dispatch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.runtime.tensor.Shape;
import io.lockstep.runtime.tensor.Tensor;
import io.lockstep.runtime.tensor.Tensors;
import io.lockstep.runtime.tokenizer.Truncation;
import io.lockstep.server.config.ServerConfig;
import io.lockstep.server.fakes.FakeModel;
import io.lockstep.server.metrics.MetricsOptions;
import io.lockstep.server.metrics.ServingMetrics;
import io.lockstep.server.registry.LoaderThreads;
import io.lockstep.server.registry.ModelFolder;
import io.lockstep.server.registry.ModelRegistry;
import io.lockstep.server.registry.VersionLoader;
import io.lockstep.server.serving.Deadline;
import io.lockstep.server.serving.EmbeddingRequest;
import io.lockstep.server.serving.EmbeddingRequest.Input;
import io.lockstep.server.serving.EmbeddingRequest.Options;
import io.lockstep.server.serving.EmbeddingResponse;
import io.lockstep.server.serving.ErrorCode;
import io.lockstep.server.serving.PhaseClock;
import io.lockstep.server.serving.Pooling;
import io.lockstep.server.serving.ServingException;
import io.lockstep.server.serving.SystemTicker;
import io.lockstep.server.serving.Task;
import io.lockstep.server.serving.TextSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The fake model's vector of a token is its id and the sum of all ids of the text. */
final class EmbeddingServiceTest {

  private static final String TOKENIZER =
      """
      {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [
        {"id": 0, "content": "[PAD]", "special": true}, {"id": 1, "content": "[UNK]",
         "special": true}],
       "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
        "strip_accents": null, "lowercase": true},
       "pre_tokenizer": {"type": "BertPreTokenizer"}, "post_processor": null, "decoder": null,
       "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
        "max_input_chars_per_word": 100, "vocab": {"[PAD]": 0, "[UNK]": 1, "red": 2, "green": 3,
        "blue": 4}}}
      """;

  @TempDir Path folder;

  private final SystemTicker ticker = new SystemTicker();
  private ModelRegistry<VersionServer> registry;
  private QueuedEmbeddingService embeddings;

  @BeforeEach
  void start() throws IOException {
    Path version = Files.createDirectories(folder.resolve("m/1"));
    Files.writeString(version.resolve("model.onnx"), "");
    Files.writeString(version.resolve("tokenizer.json"), TOKENIZER);
    Files.writeString(folder.resolve("m/model.yaml"), "max_length: 4\nnormalize: false\n");
    Files.writeString(folder.resolve("plain.onnx"), "");
    ModelFolder models = new ModelFolder(folder);
    registry =
        new ModelRegistry<>(
            models,
            new VersionLoader(models, ServerConfig.DEFAULTS, _ -> FakeModel.padded(), ticker),
            VersionServer.factory(
                1 << 20,
                ticker,
                new ServingMetrics(MetricsOptions.DEFAULTS),
                new RecentBatches(8),
                new SequenceHomes()),
            Duration.ofSeconds(5),
            ticker,
            new LoaderThreads(Runnable::run, Runnable::run, Runnable::run));
    registry.refresh();
    embeddings =
        new QueuedEmbeddingService(
            registry, new QueuedInferenceService(registry, new SequenceHomes()));
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  private EmbeddingResponse embed(Options options, Input... inputs) throws InterruptedException {
    return embed("m", options, inputs);
  }

  private EmbeddingResponse embed(String model, Options options, Input... inputs)
      throws InterruptedException {
    return embeddings
        .submit(
            new EmbeddingRequest(
                model, null, List.of(inputs), options, Deadline.NONE, PhaseClock.start(ticker)))
        .await();
  }

  private static float[] vector(EmbeddingResponse response, int row) {
    EmbeddingResponse.Row found = response.rows().get(row);
    float[] vector = new float[found.dimensions()];
    for (int i = 0; i < vector.length; i++) {
      vector[i] = found.get(i);
    }
    return vector;
  }

  @Test
  void taskAndDefaultsAreInferredFromTheFiles() {
    TextSettings text = registry.describe("m", null).text().orElseThrow();
    assertEquals(Task.EMBEDDING, registry.describe("m", null).task());
    assertEquals(Pooling.MEAN, text.pooling());
    assertEquals(4, text.maxLength());
    assertEquals(2, text.dimensions());
    assertEquals("m", registry.defaultEmbeddingModel().orElseThrow().name());
  }

  @Test
  void textsAreTokenisedRunTogetherAndPooled() throws Exception {
    EmbeddingResponse response =
        embed(
            Options.DEFAULT,
            new Input.Text("red green"),
            new Input.Text("BLUE"),
            new Input.Tokens(List.of(2, 2, 4)));
    assertArrayEquals(new float[] {2.5f, 5}, vector(response, 0));
    assertArrayEquals(new float[] {4, 4}, vector(response, 1));
    assertArrayEquals(new float[] {8 / 3f, 8}, vector(response, 2));
    assertEquals(6, response.tokens());
    assertEquals("1", response.version());
  }

  /** As the multilingual models are: other special tokens, another padding id, no word pieces. */
  @Test
  void tokenizersOfOtherKindsEmbedToo() throws Exception {
    Path version = Files.createDirectories(folder.resolve("multilingual/1"));
    Files.writeString(version.resolve("model.onnx"), "");
    Files.writeString(folder.resolve("multilingual/model.yaml"), "normalize: false\n");
    Files.writeString(
        version.resolve("tokenizer.json"),
        """
        {"truncation": {"max_length": 4}, "padding": {"pad_id": 1}, "added_tokens": [
          {"id": 0, "content": "<s>", "special": true},
          {"id": 1, "content": "<pad>", "special": true},
          {"id": 2, "content": "</s>", "special": true}],
         "pre_tokenizer": {"type": "Metaspace"},
         "post_processor": {"type": "RobertaProcessing", "cls": ["<s>", 0], "sep": ["</s>", 2]},
         "model": {"type": "Unigram", "unk_id": 3, "vocab": [["<s>", 0], ["<pad>", 0],
           ["</s>", 0], ["<unk>", 0], ["\u2581red", -1], ["\u2581green", -1]]}}\
        """);
    registry.refresh();
    TextSettings text = registry.describe("multilingual", null).text().orElseThrow();
    assertEquals(4, text.maxLength());
    assertEquals(1, text.tokenizer().padId());
    EmbeddingResponse response =
        embed("multilingual", Options.DEFAULT, new Input.Text("red green"), new Input.Text("red"));
    assertArrayEquals(new float[] {2.75f, 11}, vector(response, 0));
    assertArrayEquals(new float[] {2, 6}, vector(response, 1));
    assertEquals(7, response.tokens());
  }

  @Test
  void vectorsAreCutThenNormalised() throws Exception {
    Options cut = new Options(false, Truncation.Side.RIGHT, true, 1, 0);
    assertArrayEquals(new float[] {1}, vector(embed(cut, new Input.Text("red")), 0));
    Options whole = new Options(false, Truncation.Side.RIGHT, true, 0, 0);
    float[] unit = vector(embed(whole, new Input.Text("red")), 0);
    assertEquals(1, unit[0] * unit[0] + unit[1] * unit[1], 1e-6);
  }

  @Test
  void longTextsAreRefusedOrCutAtTheSideAskedFor() throws Exception {
    Input five = new Input.Text("red red red red blue");
    ServingException refused =
        assertThrows(ServingException.class, () -> embed(Options.DEFAULT, five));
    assertEquals(
        "input 0 has 5 tokens, more than the 4 that the model takes", refused.getMessage());
    Options right = new Options(true, Truncation.Side.RIGHT, null, 0, 0);
    Options left = new Options(true, Truncation.Side.LEFT, null, 0, 0);
    assertArrayEquals(new float[] {2, 8}, vector(embed(right, five), 0));
    assertArrayEquals(new float[] {2.5f, 10}, vector(embed(left, five), 0));
    Input ids = new Input.Tokens(List.of(2, 2, 2, 2, 4));
    assertArrayEquals(new float[] {2, 8}, vector(embed(right, ids), 0));
    assertArrayEquals(new float[] {2.5f, 10}, vector(embed(left, ids), 0));
  }

  @Test
  void impossibleRequestsAreRefused() {
    refuses("input 0: token id 5 is not one of the model's 5", new Input.Tokens(List.of(5)));
    refuses("input 1 is empty", new Input.Text("red"), new Input.Tokens(List.of()));
    refuses("there is no text to embed");
    ServingException wide =
        assertThrows(
            ServingException.class,
            () ->
                embed(
                    new Options(false, Truncation.Side.RIGHT, null, 3, 0), new Input.Text("red")));
    assertEquals("dimensions must be 1 to 2 but is 3", wide.getMessage());
    ServingException plain =
        assertThrows(
            ServingException.class, () -> embed("plain", Options.DEFAULT, new Input.Text("red")));
    assertEquals("model 'plain' does not embed text", plain.getMessage());
  }

  private void refuses(String message, Input... inputs) {
    ServingException problem =
        assertThrows(ServingException.class, () -> embed(Options.DEFAULT, inputs));
    assertEquals(ErrorCode.INVALID_ARGUMENT, problem.code());
    assertEquals(message, problem.getMessage());
  }

  @Test
  void moreTextsThanTheQueueHoldsAreServedByAnIdleServer() throws Exception {
    Input[] many =
        IntStream.range(0, 2000).mapToObj(_ -> new Input.Text("red")).toArray(Input[]::new);
    EmbeddingResponse response = embed(Options.DEFAULT, many);
    assertEquals(2000, response.rows().size());
    assertTrue(response.rows().stream().allMatch(row -> row.get(1) == 2));
  }

  @Test
  void everyPoolingTakesTheRightTokens() {
    Tensor output = Tensors.ofFloats(Shape.of(1, 3, 2), 1, 2, 3, 4, 8, 9);
    assertArrayEquals(new float[] {4, 5}, new Pooler(Pooling.MEAN, false, 0).vector(output));
    assertArrayEquals(new float[] {1, 2}, new Pooler(Pooling.CLS, false, 0).vector(output));
    assertArrayEquals(new float[] {8, 9}, new Pooler(Pooling.LAST, false, 0).vector(output));
    Tensor pooled = Tensors.ofFloats(Shape.of(1, 2), 3, 4);
    assertArrayEquals(
        new float[] {0.6f, 0.8f}, new Pooler(Pooling.LAST, true, 0).vector(pooled), 1e-6f);
    Tensor zero = Tensors.ofFloats(Shape.of(1, 2), 0, 0);
    assertArrayEquals(new float[] {0, 0}, new Pooler(Pooling.MEAN, true, 0).vector(zero));
  }
}
