package io.lockstep.server.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.http.StreamResponse;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.completions.Completion;
import com.openai.models.completions.CompletionCreateParams;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real, tiny language model behind OpenAI's API, as its clients see it. */
final class GenerationIT {

  private static final String PROMPT = "Once upon a time";

  @TempDir static Path folder;

  private static BuiltInServer server;
  private static OpenAIClient client;

  @BeforeAll
  static void start() throws IOException {
    Path data = Path.of(System.getProperty("lockstep.testdata", "../../shared/testdata"));
    Path model = data.resolve("stories260k/stories260K.gguf");
    assumeTrue(Files.exists(model), "skipped: the test data has no language model");
    Files.copy(model, folder.resolve("stories.gguf"));
    Path small = Files.createDirectories(folder.resolve("small/1"));
    Files.copy(model, small.resolve("model.gguf"));
    Files.writeString(
        folder.resolve("small/model.yaml"),
        "generation: { kv_cache: 1MiB, max_queue_tokens: 300, max_sequences: 1 }\n");
    server = BuiltInServer.serving(folder);
    client =
        OpenAIOkHttpClient.builder()
            .baseUrl(server.uri("/v1").toString())
            .apiKey("none")
            .maxRetries(0)
            .build();
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      client.close();
      server.close();
    }
  }

  private static CompletionCreateParams.Builder completion(int tokens) {
    return CompletionCreateParams.builder()
        .model("stories")
        .prompt(PROMPT)
        .maxTokens(tokens)
        .temperature(0);
  }

  private static String greedy(int tokens) {
    return client.completions().create(completion(tokens).build()).choices().getFirst().text();
  }

  @Test
  void openAisClientGetsAndStreamsTheSameStory() {
    Completion whole = client.completions().create(completion(60).build());
    String text = whole.choices().getFirst().text();
    assertTrue(text.startsWith(", there was a little girl"), text);
    assertEquals(60, whole.usage().orElseThrow().completionTokens());
    assertEquals("length", whole.choices().getFirst().finishReason().toString());
    try (StreamResponse<Completion> stream =
        client.completions().createStreaming(completion(60).build())) {
      String streamed =
          stream.stream()
              .flatMap(chunk -> chunk.choices().stream())
              .map(choice -> choice.text())
              .collect(Collectors.joining());
      assertEquals(text, streamed);
    }
  }

  @Test
  void openAisClientStreamsAConversation() {
    ChatCompletionCreateParams request =
        ChatCompletionCreateParams.builder()
            .model("stories")
            .addUserMessage(PROMPT)
            .maxCompletionTokens(40)
            .temperature(0)
            .streamOptions(ChatCompletionStreamOptions.builder().includeUsage(true).build())
            .build();
    ChatCompletion whole = client.chat().completions().create(request);
    String text = whole.choices().getFirst().message().content().orElseThrow();
    assertEquals(greedy(40), text);
    try (StreamResponse<ChatCompletionChunk> stream =
        client.chat().completions().createStreaming(request)) {
      List<ChatCompletionChunk> chunks = stream.stream().toList();
      assertEquals(
          "assistant",
          chunks.getFirst().choices().getFirst().delta().role().orElseThrow().asString());
      assertEquals(
          text,
          chunks.stream()
              .flatMap(chunk -> chunk.choices().stream())
              .flatMap(choice -> choice.delta().content().stream())
              .collect(Collectors.joining()));
      ChatCompletionChunk last = chunks.getLast();
      assertTrue(last.choices().isEmpty());
      assertEquals(40, last.usage().orElseThrow().completionTokens());
      assertEquals(
          Optional.of(ChatCompletionChunk.Choice.FinishReason.LENGTH),
          chunks.get(chunks.size() - 2).choices().getFirst().finishReason());
    }
  }

  @Test
  void manyClientsGetTheStoryThatOneGets() {
    String alone = greedy(80);
    List<CompletableFuture<String>> all = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      all.add(CompletableFuture.supplyAsync(() -> greedy(80)));
    }
    all.forEach(story -> assertEquals(alone, story.join()));
  }

  @Test
  void eventsComeInTheOrderThatOpenAiDescribes() throws IOException {
    String events =
        server.posted(
            "/v1/chat/completions",
            """
            {"model":"stories","messages":[{"role":"user","content":"Once"}],"max_tokens":3,
             "temperature":0,"stream":true,"stream_options":{"include_usage":true}}
            """);
    List<String> lines = events.lines().filter(line -> !line.isEmpty()).toList();
    assertTrue(lines.stream().allMatch(line -> line.startsWith("data: ")), events);
    assertTrue(lines.getFirst().contains("\"delta\":{\"role\":\"assistant\",\"content\":\"\"}"));
    assertTrue(lines.getFirst().contains("\"usage\":null"));
    assertTrue(lines.get(lines.size() - 3).contains("\"delta\":{},"));
    assertTrue(lines.get(lines.size() - 3).contains("\"finish_reason\":\"length\""));
    assertTrue(
        lines.get(lines.size() - 2).contains("\"choices\":[],\"usage\":{\"prompt_tokens\":"));
    assertEquals("data: [DONE]", lines.getLast());
  }

  @Test
  void seedsRepeatAndChoicesDiffer() throws IOException {
    String request =
        "{\"model\":\"stories\",\"prompt\":\"Once\",\"max_tokens\":30,\"n\":3,\"seed\":5}";
    JsonNode first = json(request);
    assertEquals(first.get("choices"), json(request).get("choices"));
    assertEquals(3, first.get("choices").size());
    assertFalse(first.at("/choices/0/text").asText().equals(first.at("/choices/1/text").asText()));
    assertEquals(90, first.at("/usage/completion_tokens").asInt());
  }

  @Test
  void stopsEchoesAndLogprobs() throws IOException {
    JsonNode answer =
        json(
            """
            {"model":"stories","prompt":"Once upon a time","max_tokens":40,"temperature":0,
             "stop":["girl"],"logprobs":2}
            """);
    assertEquals(", there was a little ", answer.at("/choices/0/text").asText());
    assertEquals("stop", answer.at("/choices/0/finish_reason").asText());
    JsonNode logprobs = answer.at("/choices/0/logprobs");
    assertEquals(logprobs.get("tokens").size(), logprobs.get("token_logprobs").size());
    assertTrue(logprobs.at("/token_logprobs/0").asDouble() <= 0);
    JsonNode echoed =
        json(
            "{\"model\":\"stories\",\"prompt\":\"Once\",\"max_tokens\":2,\"temperature\":0,"
                + "\"echo\":true}");
    assertTrue(echoed.at("/choices/0/text").asText().startsWith("Once upon"));
  }

  @Test
  void tokensOfPromptsAreCounted() throws IOException {
    double before = promptTokens();
    JsonNode answer =
        json("{\"model\":\"stories\",\"prompt\":\"Once upon a time\",\"max_tokens\":1,\"n\":2}");
    assertEquals(answer.at("/usage/prompt_tokens").asDouble(), promptTokens() - before);
  }

  @Test
  void metersOfTensorsAreNotThoseOfLanguageModels() {
    String metrics = server.get("/metrics").body();
    assertTrue(metrics.contains("lockstep_queue_rows{model=\"stories\""));
    assertFalse(metrics.contains("lockstep_plan_cache_plans{model=\"stories\""));
    assertFalse(metrics.contains("lockstep_sequences_live{model=\"stories\""));
  }

  private static double promptTokens() {
    String series = "lockstep_generation_prompt_tokens_total{model=\"stories\"";
    return server
        .get("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(series))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  @Test
  void textFollowsAGrammar() throws IOException {
    JsonNode choice =
        json(
            "{\"model\":\"stories\",\"prompt\":\"Once\",\"max_tokens\":20,"
                + "\"guided_choice\":[\"red\",\"green\"]}");
    assertTrue(List.of("red", "green").contains(choice.at("/choices/0/text").asText()));
  }

  @Test
  void mistakesAreToldBeforeAnythingElse() {
    assertEquals(404, status("{\"model\":\"nobody\",\"prompt\":\"x\"}"));
    assertEquals(400, status("{\"model\":\"stories\"}"));
    assertEquals(400, status("{\"model\":\"stories\",\"prompt\":\"x\",\"temperature\":-1}"));
    assertEquals(400, status("{\"model\":\"stories\",\"prompt\":[100000]}"));
    assertEquals(
        400,
        status(
            "{\"model\":\"stories\",\"stream\":true,\"prompt\":\"%s\"}"
                .formatted("word ".repeat(600))));
  }

  private static int status(String body) {
    return server.post("/v1/completions", body).statusCode();
  }

  @Test
  void whenPromptsWaitOthersAreToldWhenToComeBack() throws Exception {
    String prompt = "once upon a time ".repeat(25);
    String request =
        "{\"model\":\"small\",\"prompt\":\"%s\",\"max_tokens\":200,\"ignore_eos\":true}"
            .formatted(prompt);
    List<CompletableFuture<HttpResponse<String>>> all = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      all.add(CompletableFuture.supplyAsync(() -> server.post("/v1/completions", request)));
    }
    int refused = 0;
    for (CompletableFuture<HttpResponse<String>> answer : all) {
      HttpResponse<String> response = answer.get();
      if (response.statusCode() == 429) {
        refused++;
        assertTrue(response.headers().firstValue("Retry-After").isPresent());
      } else {
        assertEquals(200, response.statusCode(), response.body());
      }
    }
    assertTrue(refused > 0 && refused < 8, refused + " of 8 refused");
  }

  @Test
  void aClientThatLeavesStopsItsText() throws Exception {
    String body =
        "{\"model\":\"stories\",\"prompt\":\"Once\",\"stream\":true,\"ignore_eos\":true,"
            + "\"n\":8,\"max_tokens\":500}";
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.uri("/").getPort())) {
      socket
          .getOutputStream()
          .write(
              ("POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Length: "
                      + body.length()
                      + "\r\nContent-Type: application/json\r\n\r\n"
                      + body)
                  .getBytes(StandardCharsets.UTF_8));
      InputStream in = socket.getInputStream();
      assertTrue(in.read() > 0);
    }
    long end = System.nanoTime() + 10_000_000_000L;
    while (!metric("lockstep_kv_blocks_used").contains(" 0.0") && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    assertTrue(metric("lockstep_kv_blocks_used").contains(" 0.0"));
    assertTrue(metric("lockstep_cancellations_total").matches("(?s).*stories.* [1-9].*"));
  }

  private static String metric(String name) {
    return server
        .get("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith(name) && line.contains("model=\"stories\""))
        .collect(Collectors.joining("\n"));
  }

  private static JsonNode json(String body) {
    return BuiltInServer.json(server.posted("/v1/completions", body));
  }
}
