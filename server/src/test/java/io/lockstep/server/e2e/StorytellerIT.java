package io.lockstep.server.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.core.http.StreamResponse;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The built-in language model tells its story to a client as it comes out of the box. */
final class StorytellerIT {

  @Test
  void streamsTheGoldenStory(@TempDir Path folder) throws IOException {
    BuiltInServer.copyModels(folder, "storyteller");
    String golden = Files.readString(folder.resolve("storyteller/1/golden.txt"));
    int end = golden.indexOf('\n');
    try (BuiltInServer server = BuiltInServer.serving(folder)) {
      OpenAIClient client =
          OpenAIOkHttpClient.builder()
              .baseUrl(server.uri("/v1").toString())
              .apiKey("none")
              .maxRetries(0)
              .build();
      ChatCompletionCreateParams request =
          ChatCompletionCreateParams.builder()
              .model("storyteller")
              .addUserMessage(golden.substring(0, end))
              .temperature(0)
              .build();
      try (StreamResponse<ChatCompletionChunk> stream =
          client.chat().completions().createStreaming(request)) {
        String told =
            stream.stream()
                .flatMap(chunk -> chunk.choices().stream())
                .flatMap(choice -> choice.delta().content().stream())
                .collect(Collectors.joining());
        assertEquals(golden.substring(end + 1).stripTrailing(), told);
      } finally {
        client.close();
      }
    }
  }

  @Test
  void anAnswerThatWasBegunIsContinuedWhereItEnds(@TempDir Path folder) {
    BuiltInServer.copyModels(folder, "storyteller");
    try (BuiltInServer server = BuiltInServer.serving(folder)) {
      String begun =
          "\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"},"
              + "{\"role\":\"assistant\",\"content\":\"The end\"}]";
      String prompt =
          server.posted(
              "/apply-template",
              "{\"model\":\"storyteller\",\"continue_final_message\":true,%s}".formatted(begun));
      assertEquals(
          "<|begin|><|user|>Hello<|end|><|assistant|>The end",
          BuiltInServer.json(prompt).get("prompt").asText());
      String whole =
          server.posted(
              "/apply-template",
              "{\"model\":\"storyteller\",\"add_generation_prompt\":false,%s}".formatted(begun));
      assertEquals(
          "<|begin|><|user|>Hello<|end|><|assistant|>The end<|end|>",
          BuiltInServer.json(whole).get("prompt").asText());
    }
  }

  @Test
  void tellsHowLongChoosingTokensTook(@TempDir Path folder) {
    BuiltInServer.copyModels(folder, "storyteller");
    try (BuiltInServer server = BuiltInServer.serving(folder)) {
      String timing =
          server
              .post(
                  "/v1/chat/completions",
                  "{\"model\":\"storyteller\",\"max_tokens\":8,"
                      + "\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}")
              .headers()
              .firstValue("Server-Timing")
              .orElseThrow();
      assertTrue(timing.matches(".* infer;dur=[^,]*, sample;dur=[^,]*, write;.*"), timing);
      assertTrue(
          server
              .get("/metrics")
              .body()
              .contains(
                  "lockstep_request_phase_seconds_count{model=\"storyteller\",phase=\"sample\","
                      + "protocol=\"openai\",version=\"1\"} 1\n"));
    }
  }
}
