package io.lockstep.server.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.model.StreamingResponseHandler;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiEmbeddingModel;
import dev.langchain4j.model.openai.OpenAiLanguageModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingLanguageModel;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.Response;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** LangChain4j's OpenAI module finds in this server what it finds in OpenAI's. */
final class LangChainIT {

  private static final String STORY = "Tell me a story about a mouse.";

  private static final ToolSpecification PAINT =
      ToolSpecification.builder()
          .name("paint")
          .description("paints the wall")
          .parameters(
              JsonObjectSchema.builder()
                  .addEnumProperty("colour", List.of("red", "blue"))
                  .required("colour")
                  .additionalProperties(false)
                  .build())
          .build();

  @TempDir static Path folder;

  private static BuiltInServer server;
  private static String url;

  @BeforeAll
  static void start() {
    BuiltInServer.copyModels(folder, "storyteller", "minilm");
    server = BuiltInServer.serving(folder);
    url = server.uri("/v1").toString();
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.close();
    }
  }

  private static OpenAiChatModel chat(String model) {
    return OpenAiChatModel.builder()
        .baseUrl(url)
        .apiKey("none")
        .modelName(model)
        .temperature(0.0)
        .maxTokens(40)
        .maxRetries(0)
        .build();
  }

  private static OpenAiStreamingChatModel streamingChat() {
    return OpenAiStreamingChatModel.builder()
        .baseUrl(url)
        .apiKey("none")
        .modelName("storyteller")
        .temperature(0.0)
        .maxTokens(40)
        .build();
  }

  /** Gathers what a stream tells. */
  private static final class Listener implements StreamingChatResponseHandler {
    final StringBuilder text = new StringBuilder();
    final CompletableFuture<ChatResponse> response = new CompletableFuture<>();

    @Override
    public void onPartialResponse(String piece) {
      text.append(piece);
    }

    @Override
    public void onCompleteResponse(ChatResponse complete) {
      response.complete(complete);
    }

    @Override
    public void onError(Throwable problem) {
      response.completeExceptionally(problem);
    }
  }

  @Test
  void conversesAndStreamsTheSame() {
    ChatRequest request =
        ChatRequest.builder()
            .messages(SystemMessage.from("You tell stories."), UserMessage.from(STORY))
            .build();
    ChatResponse whole = chat("storyteller").chat(request);
    assertEquals(40, whole.tokenUsage().outputTokenCount());
    assertEquals(FinishReason.LENGTH, whole.finishReason());
    Listener listener = new Listener();
    streamingChat().chat(request, listener);
    ChatResponse streamed = listener.response.join();
    assertEquals(whole.aiMessage().text(), streamed.aiMessage().text());
    assertEquals(whole.aiMessage().text(), listener.text.toString());
    assertEquals(whole.tokenUsage(), streamed.tokenUsage());
    assertEquals(whole.finishReason(), streamed.finishReason());
  }

  @Test
  void callsToolsAndTellsTheirResults() {
    ChatRequest request =
        ChatRequest.builder()
            .messages(UserMessage.from(STORY))
            .toolSpecifications(PAINT)
            .toolChoice(ToolChoice.REQUIRED)
            .maxOutputTokens(200)
            .build();
    ChatResponse whole = chat("storyteller").chat(request);
    assertEquals(FinishReason.TOOL_EXECUTION, whole.finishReason());
    ToolExecutionRequest call = whole.aiMessage().toolExecutionRequests().getFirst();
    assertIsPaint(call);

    Listener listener = new Listener();
    streamingChat().chat(request, listener);
    AiMessage streamed = listener.response.join().aiMessage();
    assertEquals(1, streamed.toolExecutionRequests().size());
    assertIsPaint(streamed.toolExecutionRequests().getFirst());

    ChatResponse after =
        chat("storyteller")
            .chat(
                ChatRequest.builder()
                    .messages(
                        UserMessage.from(STORY),
                        whole.aiMessage(),
                        ToolExecutionResultMessage.from(call, "done"))
                    .toolSpecifications(PAINT)
                    .build());
    assertEquals(FinishReason.LENGTH, after.finishReason());
  }

  private static void assertIsPaint(ToolExecutionRequest call) {
    assertEquals("paint", call.name());
    assertTrue(!call.id().isEmpty());
    String colour = BuiltInServer.json(call.arguments()).get("colour").asText();
    assertTrue(Set.of("red", "blue").contains(colour), colour);
  }

  @Test
  void getsJsonByASchema() {
    JsonSchema schema =
        JsonSchema.builder()
            .name("wall")
            .rootElement(
                JsonObjectSchema.builder()
                    .addEnumProperty("colour", List.of("red", "blue"))
                    .addBooleanProperty("dry")
                    .required("colour", "dry")
                    .additionalProperties(false)
                    .build())
            .build();
    ChatResponse answer =
        chat("storyteller")
            .chat(
                ChatRequest.builder()
                    .messages(UserMessage.from(STORY))
                    .responseFormat(
                        ResponseFormat.builder()
                            .type(ResponseFormatType.JSON)
                            .jsonSchema(schema)
                            .build())
                    .build());
    assertTrue(BuiltInServer.json(answer.aiMessage().text()).get("dry").isBoolean());
  }

  @Test
  void continuesTextsAndStreamsTheSame() {
    String whole =
        OpenAiLanguageModel.builder()
            .baseUrl(url)
            .apiKey("none")
            .modelName("storyteller")
            .temperature(0.0)
            .maxRetries(0)
            .build()
            .generate("One autumn evening,")
            .content();
    StringBuilder pieces = new StringBuilder();
    CompletableFuture<String> streamed = new CompletableFuture<>();
    OpenAiStreamingLanguageModel.builder()
        .baseUrl(url)
        .apiKey("none")
        .modelName("storyteller")
        .temperature(0.0)
        .build()
        .generate(
            "One autumn evening,",
            new StreamingResponseHandler<String>() {
              @Override
              public void onNext(String piece) {
                pieces.append(piece);
              }

              @Override
              public void onComplete(Response<String> response) {
                streamed.complete(response.content());
              }

              @Override
              public void onError(Throwable problem) {
                streamed.completeExceptionally(problem);
              }
            });
    assertEquals(whole, streamed.join());
    assertEquals(whole, pieces.toString());
    assertTrue(!whole.isBlank());
  }

  @Test
  void embedsTexts() {
    List<Embedding> vectors =
        OpenAiEmbeddingModel.builder()
            .baseUrl(url)
            .apiKey("none")
            .modelName("minilm")
            .maxRetries(0)
            .build()
            .embedAll(List.of(TextSegment.from("a cat"), TextSegment.from("a dog")))
            .content();
    assertEquals(List.of(384, 384), vectors.stream().map(Embedding::dimension).toList());
  }

  @Test
  void refusalsAreTheExceptionsThatTheyAreWithOpenAi() {
    assertThrows(ModelNotFoundException.class, () -> chat("nobody").chat(STORY));
    assertThrows(
        InvalidRequestException.class, () -> chat("storyteller").chat("mouse ".repeat(2000)));
    Listener listener = new Listener();
    streamingChat().chat("mouse ".repeat(2000), listener);
    Throwable problem = assertThrows(CompletionException.class, listener.response::join);
    assertEquals(InvalidRequestException.class, problem.getCause().getClass());
  }
}
