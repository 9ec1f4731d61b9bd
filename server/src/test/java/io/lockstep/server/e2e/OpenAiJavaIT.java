package io.lockstep.server.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.annotation.JsonTypeName;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.JsonValue;
import com.openai.core.http.StreamResponse;
import com.openai.errors.BadRequestException;
import com.openai.errors.NotFoundException;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionMessageFunctionToolCall;
import com.openai.models.chat.completions.ChatCompletionNamedToolChoice;
import com.openai.models.chat.completions.ChatCompletionToolChoiceOption;
import com.openai.models.chat.completions.StructuredChatCompletion;
import com.openai.models.chat.completions.StructuredChatCompletionCreateParams;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** OpenAI's client for Java: tools, structure, probabilities and several texts at once. */
final class OpenAiJavaIT {

  private static final String STORY = "Tell me a story about a mouse.";

  @TempDir static Path folder;

  private static BuiltInServer server;
  private static OpenAIClient client;

  @BeforeAll
  static void start() {
    BuiltInServer.copyModels(folder, "storyteller");
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

  /** Colours that walls have. */
  enum Colour {
    RED,
    BLUE
  }

  /** What the client makes the schema of a function's arguments from. */
  @JsonTypeName("paint")
  static final class Paint {
    public Colour colour = Colour.RED;
    public boolean twice;
  }

  private static ChatCompletionCreateParams.Builder story() {
    return ChatCompletionCreateParams.builder()
        .model("storyteller")
        .addUserMessage(STORY)
        .maxCompletionTokens(200)
        .putAdditionalBodyProperty("seed", JsonValue.from(3));
  }

  @Test
  void toolsThatMustBeCalledAreCalledWithTheirArguments() {
    ChatCompletionCreateParams.Builder request =
        story().addTool(Paint.class).parallelToolCalls(false);
    ChatCompletionCreateParams required =
        request.toolChoice(ChatCompletionToolChoiceOption.Auto.REQUIRED).build();
    assertIsPaint(client.chat().completions().create(required));
    assertIsPaint(streamed(required));
    ChatCompletionCreateParams named =
        request
            .toolChoice(
                ChatCompletionNamedToolChoice.builder()
                    .function(
                        ChatCompletionNamedToolChoice.Function.builder().name("paint").build())
                    .build())
            .build();
    assertIsPaint(client.chat().completions().create(named));
    ChatCompletion none =
        client
            .chat()
            .completions()
            .create(request.toolChoice(ChatCompletionToolChoiceOption.Auto.NONE).build());
    assertTrue(none.choices().getFirst().message().toolCalls().isEmpty());
    assertTrue(none.choices().getFirst().message().content().isPresent());
  }

  private static void assertIsPaint(ChatCompletion answer) {
    ChatCompletion.Choice choice = answer.choices().getFirst();
    assertEquals(ChatCompletion.Choice.FinishReason.TOOL_CALLS, choice.finishReason());
    ChatCompletionMessageFunctionToolCall call =
        choice.message().toolCalls().orElseThrow().getFirst().asFunction();
    assertEquals("paint", call.function().name());
    assertNotNull(call.function().arguments(Paint.class).colour);
  }

  private static ChatCompletion streamed(ChatCompletionCreateParams request) {
    ChatCompletionAccumulator accumulator = ChatCompletionAccumulator.create();
    try (StreamResponse<ChatCompletionChunk> stream =
        client.chat().completions().createStreaming(request)) {
      stream.stream().forEach(accumulator::accumulate);
    }
    return accumulator.chatCompletion();
  }

  @Test
  void structureIsThatOfAClass() {
    StructuredChatCompletionCreateParams<Paint> request =
        story().n(4).responseFormat(Paint.class).build();
    StructuredChatCompletion<Paint> answer = client.chat().completions().create(request);
    assertEquals(4, answer.choices().size());
    answer
        .choices()
        .forEach(choice -> assertNotNull(choice.message().content().orElseThrow().colour));
  }

  @Test
  void probabilitiesOfSeveralTextsAreTheSameWholeAndStreamed() {
    ChatCompletionCreateParams request =
        story().n(3).maxCompletionTokens(20).logprobs(true).topLogprobs(4).build();
    ChatCompletion whole = client.chat().completions().create(request);
    List<ChatCompletion.Choice> choices = whole.choices();
    assertEquals(3, choices.size());
    for (ChatCompletion.Choice choice : choices) {
      var tokens = choice.logprobs().orElseThrow().content().orElseThrow();
      assertEquals(20, tokens.size());
      assertTrue(tokens.stream().allMatch(token -> token.topLogprobs().size() == 4));
      assertTrue(tokens.stream().allMatch(token -> token.logprob() <= 0));
    }
    ChatCompletion streamed = streamed(request);
    for (int i = 0; i < choices.size(); i++) {
      assertEquals(
          choices.get(i).message().content(), streamed.choices().get(i).message().content());
      assertEquals(
          choices.get(i).logprobs().orElseThrow().content(),
          streamed.choices().get(i).logprobs().orElseThrow().content());
    }
  }

  @Test
  void promptsThatWereSeenComeFromTheCache() {
    ChatCompletionCreateParams request =
        ChatCompletionCreateParams.builder()
            .model("storyteller")
            .addUserMessage("A long tale of a fox and a bear. ".repeat(10))
            .maxCompletionTokens(1)
            .build();
    client.chat().completions().create(request);
    long cached =
        client
            .chat()
            .completions()
            .create(request)
            .usage()
            .orElseThrow()
            .promptTokensDetails()
            .orElseThrow()
            .cachedTokens()
            .orElseThrow();
    assertTrue(cached >= 16, cached + " tokens");
  }

  @Test
  void refusalsAreExceptionsWithACode() {
    BadRequestException tooLong =
        assertThrows(
            BadRequestException.class,
            () ->
                client
                    .chat()
                    .completions()
                    .create(
                        ChatCompletionCreateParams.builder()
                            .model("storyteller")
                            .addUserMessage("mouse ".repeat(2000))
                            .build()));
    assertEquals("context_length_exceeded", tooLong.code().orElseThrow());
    NotFoundException unknown =
        assertThrows(
            NotFoundException.class,
            () -> client.chat().completions().create(story().model("nobody").build()));
    assertEquals("model_not_found", unknown.code().orElseThrow());
  }
}
