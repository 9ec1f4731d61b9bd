package io.lockstep.server.api;

import static io.lockstep.server.api.FakeGenerationService.end;
import static io.lockstep.server.api.FakeGenerationService.text;
import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.lockstep.server.serving.ErrorCode;
import io.lockstep.server.serving.FinishReason;
import io.lockstep.server.serving.GenerationRequest.Prompt;
import io.lockstep.server.serving.ServingException;
import io.restassured.response.ValidatableResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What OpenAI's routes refuse, and which field of the request they say is at fault. */
final class OpenAiErrorIT {

  private static final String CHAT = "/v1/chat/completions";

  private static TestServer server;

  @BeforeAll
  static void start() {
    server = TestServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static ValidatableResponse post(String path, String body) {
    return given().baseUri(server.url()).body(body).post(path).then();
  }

  private static ValidatableResponse messages(String messages) {
    return post(CHAT, "{\"model\":\"teller\",\"messages\":[" + messages + "]}");
  }

  private static void namesTheField(ValidatableResponse answer, String field) {
    answer
        .statusCode(400)
        .body("error.type", equalTo("invalid_request_error"))
        .body("error.param", equalTo(field));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "temperature | temperature | -1",
        "temperature | temperature | {\"a\": 1}",
        "max_tokens | max_tokens | \"many\"",
        "n | n | 0",
        "stream | stream | 1",
        "model | model | [7]",
        "stop | stop | 7",
        "stop[1] | stop | [\"a\", 5]",
        "stop | stop | [\"\"]",
        "logit_bias.4 | logit_bias | {\"4\": 1000}",
        "logit_bias.x | logit_bias | {\"x\": 1}",
        "stream_options.include_usage | stream_options | {\"include_usage\": 1}",
        "response_format.type | response_format | {\"type\": \"xml\"}",
        "response_format.json_schema.schema | response_format | {\"type\": \"json_schema\"}",
        "response_format | response_format | {\"type\": \"json_schema\", \"json_schema\": {\"schema\": 7}}",
        "guided_regex | guided_regex | \"(\"",
        "top_logprobs | top_logprobs | 21",
        "tools[1] | tools | [{\"function\": {\"name\": \"f\"}}, {}]",
        "tools | tools | {}",
        "tool_choice | tool_choice | \"required\"",
        "functions | functions | [{\"name\": \"f\"}]",
        "messages | messages | \"hello\"",
        "messages | messages | []",
      })
  void aFieldOfAConversationIsNamed(String param, String key, String value) {
    String others = key.equals("model") ? "" : ",\"model\":\"teller\"";
    String talk =
        key.equals("messages") ? "" : ",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]";
    namesTheField(post(CHAT, "{\"%s\":%s%s%s}".formatted(key, value, others, talk)), param);
  }

  @Test
  void aFieldThatIsMissingIsNamed() {
    namesTheField(post(CHAT, "{\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}"), "model");
    namesTheField(post(CHAT, "{\"model\":\"teller\"}"), "messages");
    namesTheField(post("/v1/completions", "{\"model\":\"teller\"}"), "prompt");
    namesTheField(post("/v1/embeddings", "{\"model\":\"minilm\"}"), "input");
  }

  @Test
  void fieldsOfOtherRoutesAreNamed() {
    namesTheField(
        post("/v1/completions", "{\"model\":\"teller\",\"prompt\":[\"a\",{}]}"), "prompt[1]");
    namesTheField(
        post("/v1/completions", "{\"model\":\"teller\",\"prompt\":\"a\",\"best_of\":2}"),
        "best_of");
    namesTheField(
        post("/v1/embeddings", "{\"model\":\"minilm\",\"input\":[\"a\",null]}"), "input[1]");
    namesTheField(
        post("/v1/embeddings", "{\"model\":\"minilm\",\"input\":\"a\",\"encoding_format\":\"x\"}"),
        "encoding_format");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{", "", "[]", "{\"model\":\"teller\"} more"})
  void aBodyThatIsWrongAsAWholeNamesNoField(String body) {
    post(CHAT, body).statusCode(400).body("error.param", nullValue());
  }

  @Test
  void aPromptThatIsTooLongNamesWhereItCameIn() {
    ServingException tooLong = new ServingException(ErrorCode.CONTEXT_LENGTH_EXCEEDED, "too long");
    server.generation().refuse(tooLong);
    namesTheField(messages("{\"role\":\"user\",\"content\":\"x\"}"), "messages");
    server.generation().refuse(tooLong);
    namesTheField(post("/v1/completions", "{\"model\":\"teller\",\"prompt\":\"x\"}"), "prompt");
  }

  @Test
  void anUnknownRoleIsRefusedBecauseTemplatesWouldLeaveItsMessageOut() {
    namesTheField(
        messages("{\"role\":\"user\",\"content\":\"x\"},{\"role\":\"narrator\",\"content\":\"y\"}")
            .body(
                "error.message",
                equalTo(
                    "messages[1].role must be system, developer, user, assistant, tool or function"
                        + " but is 'narrator'")),
        "messages[1].role");
    namesTheField(messages("{\"content\":\"x\"}"), "messages[0].role");
    namesTheField(messages("{\"role\":7,\"content\":\"x\"}"), "messages[0].role");
    namesTheField(messages("{\"role\":\"User\",\"content\":\"x\"}"), "messages[0].role");
    namesTheField(messages("\"x\""), "messages[0]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"user", "system", "developer", "tool"})
  void aMessageWithoutContentIsRefused(String role) {
    for (String content : new String[] {"", ",\"content\":null", ",\"content\":[]"}) {
      namesTheField(
          messages("{\"role\":\"%s\"%s}".formatted(role, content))
              .body("error.message", equalTo("messages[0] has no content")),
          "messages[0].content");
    }
  }

  @Test
  void contentThatIsNoTextIsRefused() {
    namesTheField(messages("{\"role\":\"user\",\"content\":7}"), "messages[0].content");
    namesTheField(
        messages(
            "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"x\"},"
                + "{\"type\":\"image_url\",\"image_url\":{\"url\":\"x\"}}]}"),
        "messages[0].content[1]");
  }

  @Test
  void assistantsAndFunctionsMayHaveNoContent() {
    server.generation().tell(text("play"), end(FinishReason.END));
    messages(
            "{\"role\":\"assistant\",\"tool_calls\":[]},{\"role\":\"function\",\"content\":null},"
                + "{\"role\":\"user\",\"content\":\"\"}")
        .statusCode(200);
    assertEquals(new Prompt.Templated("\n\n"), server.generation().requests().getLast().prompt());
  }

  @Test
  void theTextOfARequestThatIsStreamedIsRefusedInJsonToo() {
    namesTheField(
        post(
            CHAT,
            "{\"model\":\"teller\",\"stream\":true,\"messages\":[{\"role\":\"elf\",\"content\":\"x\"}]}"),
        "messages[0].role");
  }
}
