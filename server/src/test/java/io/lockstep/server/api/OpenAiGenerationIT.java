package io.lockstep.server.api;

import static io.lockstep.server.api.FakeGenerationService.end;
import static io.lockstep.server.api.FakeGenerationService.text;
import static io.lockstep.server.api.FakeGenerationService.token;
import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.lockstep.runtime.sampling.SamplingSettings;
import io.lockstep.runtime.sampling.SamplingSettings.Penalties;
import io.lockstep.server.api.FakeGenerationService.Happening;
import io.lockstep.server.api.FakeGenerationService.Happening.Failure;
import io.lockstep.server.api.FakeGenerationService.Happening.Meanwhile;
import io.lockstep.server.api.FakeGenerationService.Happening.Silence;
import io.lockstep.server.serving.ErrorCode;
import io.lockstep.server.serving.FinishReason;
import io.lockstep.server.serving.GenerationRequest;
import io.lockstep.server.serving.GenerationRequest.Prompt;
import io.lockstep.server.serving.GenerationSettings;
import io.lockstep.server.serving.ServingException;
import io.restassured.response.ValidatableResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** OpenAI's routes that generate, field by field and event by event. */
final class OpenAiGenerationIT {

  private static final String CHAT = "/v1/chat/completions";
  private static final String COMPLETIONS = "/v1/completions";
  private static final String PAINT =
      "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"paint\",\"parameters\":"
          + "{\"type\":\"object\"}}}]";

  private static TestServer server;

  @BeforeAll
  static void start() {
    server = TestServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static ValidatableResponse chat(String fields) {
    return given()
        .baseUri(server.url())
        .body(
            "{\"model\":\"teller\",\"messages\":[{\"role\":\"user\",\"content\":\"the\"}]%s}"
                .formatted(fields.isEmpty() ? "" : "," + fields))
        .post(CHAT)
        .then();
  }

  private static ValidatableResponse completion(String fields) {
    return given()
        .baseUri(server.url())
        .body("{\"model\":\"teller\",\"prompt\":\"the\"%s}".formatted(fields))
        .post(COMPLETIONS)
        .then();
  }

  private static GenerationRequest lastRequest() {
    return server.generation().requests().getLast();
  }

  /** What a streamed conversation sends, without what all of its chunks begin with. */
  private static List<String> streamed(String fields, Happening... happenings) {
    server.generation().tell(happenings);
    String more = fields.isEmpty() ? "" : "," + fields;
    return chat("\"stream\":true" + more)
        .statusCode(200)
        .extract()
        .asString()
        .lines()
        .filter(line -> !line.isEmpty())
        .map(line -> line.replaceFirst("^data: \\{\"id\":.*?\"choices\":", ""))
        .toList();
  }

  private static String chunk(String delta, String finish) {
    return "[{\"index\":0,\"delta\":%s,\"logprobs\":null,\"finish_reason\":%s}]}"
        .formatted(delta, finish);
  }

  private static final String ROLE = chunk("{\"role\":\"assistant\",\"content\":\"\"}", "null");

  @Test
  void allFieldsOfSamplingArrive() {
    server.generation().tell(text("play"), end(FinishReason.LENGTH));
    chat("""
    "temperature":0.5,"top_k":7,"top_p":0.9,"min_p":0.1,"typical_p":0.8,
    "repetition_penalty":1.1,"frequency_penalty":0.2,"presence_penalty":0.3,
    "logit_bias":{"4":-100},"seed":9,"max_completion_tokens":11,"max_tokens":5,"min_tokens":2,
    "stop":["a","b"],"stop_token_ids":[5],"ignore_eos":true,"user":"x","store":false,
    "logprobs":true,"top_logprobs":3
    """)
        .statusCode(200);
    GenerationSettings settings = lastRequest().settings();
    assertEquals(
        new SamplingSettings(
            0.5, 7, 0.9, 0.1, 0.8, new Penalties(1.1, 0.2, 0.3), Map.of(4, -100f), 9),
        settings.sampling());
    assertEquals(11, settings.maxTokens());
    assertEquals(2, settings.minTokens());
    assertEquals(List.of("a", "b"), settings.stopStrings());
    assertEquals(List.of(5), settings.stopIds());
    assertTrue(settings.ignoreEnd());
    assertEquals(3, settings.topLogprobs());
  }

  @Test
  void partsOfContentAndTheDevelopersRoleMakeAPrompt() {
    server.generation().tell(text("play"), end(FinishReason.END));
    given()
        .baseUri(server.url())
        .body(
            """
            {"model": "teller", "messages": [
              {"role": "developer", "content": [{"type": "text", "text": "play"}]},
              {"role": "user", "content": [{"type": "text", "text": "the "},
                                           {"type": "text", "text": "guitar"}], "name": "x"},
              {"role": "assistant", "content": null, "tool_calls": []}]}
            """)
        .post(CHAT)
        .then()
        .statusCode(200);
    assertEquals(new Prompt.Templated("play\nthe guitar\n"), lastRequest().prompt());
    given()
        .baseUri(server.url())
        .body(
            """
            {"model": "teller", "messages": [{"role": "user", "content": [
              {"type": "image_url", "image_url": {"url": "x"}}]}]}
            """)
        .post(CHAT)
        .then()
        .statusCode(400)
        .body("error.message", equalTo("only parts of text are supported in a message"));
  }

  @Test
  void aWholeAnswerCountsItsTokensAndThoseFromTheCache() {
    server.generation().tell(text("play"), text("ing"), end(FinishReason.STOP));
    chat("")
        .statusCode(200)
        .body("object", equalTo("chat.completion"))
        .body("choices[0].message.content", equalTo("playing"))
        .body("choices[0].message.refusal", nullValue())
        .body("choices[0].finish_reason", equalTo("stop"))
        .body("usage.prompt_tokens", equalTo(3))
        .body("usage.completion_tokens", equalTo(2))
        .body("usage.total_tokens", equalTo(5))
        .body("usage.prompt_tokens_details.cached_tokens", equalTo(1));
  }

  @Test
  void logprobsTellTokensTheirBytesAndTheirLikelihood() {
    server.generation().tell(token(4, "play"), end(FinishReason.LENGTH));
    chat("\"logprobs\":true,\"top_logprobs\":0")
        .body("choices[0].logprobs.content[0].token", equalTo(" play"))
        .body("choices[0].logprobs.content[0].logprob", equalTo(-0.5f))
        .body("choices[0].logprobs.content[0].bytes", equalTo(List.of(32, 112, 108, 97, 121)));
    server.generation().tell(token(4, "play"), end(FinishReason.LENGTH));
    completion(",\"logprobs\":0")
        .body("choices[0].logprobs.tokens", equalTo(List.of(" play")))
        .body("choices[0].logprobs.token_logprobs", equalTo(List.of(-0.5f)))
        .body("choices[0].logprobs.text_offset", equalTo(List.of(0)));
  }

  @Test
  void aStreamBeginsWithTheRoleAndEndsWithReasonUsageAndMark() {
    List<String> plain = streamed("", text("play"), text("ing"), end(FinishReason.LENGTH));
    assertEquals(
        List.of(
            ROLE,
            chunk("{\"content\":\"play\"}", "null"),
            chunk("{\"content\":\"ing\"}", "null"),
            chunk("{}", "\"length\""),
            "data: [DONE]"),
        plain);
    List<String> counted =
        streamed(
            "\"stream_options\":{\"include_usage\":true}", text("play"), end(FinishReason.LENGTH));
    assertTrue(counted.get(2).endsWith("\"finish_reason\":\"length\"}],\"usage\":null}"));
    assertTrue(counted.get(3).startsWith("[],\"usage\":{\"prompt_tokens\":3,"), counted.get(3));
    assertEquals("data: [DONE]", counted.getLast());
  }

  @Test
  void aForcedCallIsStreamedAsItIsWritten() {
    List<String> lines =
        streamed(
            PAINT + ",\"tool_choice\":\"required\"",
            text("{\"name\": \"paint\", \"argu"),
            text("ments\": {\"a\""),
            text(": 1}"),
            text("}"),
            end(FinishReason.END));
    assertTrue(
        lines
            .get(1)
            .matches(
                ".*\"delta\":\\{\"tool_calls\":\\[\\{\"index\":0,\"id\":\"call_[0-9a-f]+\","
                    + "\"type\":\"function\",\"function\":\\{\"name\":\"paint\","
                    + "\"arguments\":\"\\{\\\\\"a\"\\}\\}\\]\\}.*"),
        lines.get(1));
    assertEquals(
        List.of(
            chunk(
                "{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"\\\": 1\"}}]}",
                "null"),
            chunk("{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"}\"}}]}", "null"),
            chunk("{}", "\"tool_calls\""),
            "data: [DONE]"),
        lines.subList(2, lines.size()));
  }

  @Test
  void aForcedCallThatIsCutOffSaysSo() {
    List<String> lines =
        streamed(
            PAINT + ",\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"paint\"}}",
            text("{\"name\": \"paint\", \"arguments\": {\"a\""),
            end(FinishReason.LENGTH));
    assertEquals(chunk("{}", "\"length\""), lines.get(3));
    assertTrue(lines.get(2).contains("\"arguments\":\"\\\"\""), lines.get(2));
  }

  @Test
  void aCallThatTheModelChoosesIsFoundInItsText() {
    List<String> lines =
        streamed(
            PAINT,
            text("Well. <tool_"),
            text("call>{\"name\": \"paint\", \"arguments\": {}}</tool_call>"),
            end(FinishReason.END));
    assertEquals(chunk("{\"content\":\"Well. \"}", "null"), lines.get(1));
    assertTrue(lines.get(2).contains("\"name\":\"paint\",\"arguments\":\"{}\""), lines.get(2));
    assertEquals(chunk("{}", "\"tool_calls\""), lines.get(3));

    server
        .generation()
        .tell(
            text("[TOOL_CALLS][{\"name\":\"paint\",\"arguments\":{}},"),
            text("{\"name\":\"paint\",\"arguments\":{}}]"),
            end(FinishReason.END));
    chat(PAINT + ",\"parallel_tool_calls\":false")
        .body("choices[0].finish_reason", equalTo("tool_calls"))
        .body("choices[0].message.content", nullValue())
        .body("choices[0].message.tool_calls.size()", equalTo(1));
  }

  @Test
  void toolsThatMayNotBeCalledAreText() {
    server.generation().tell(text("{\"name\": \"paint\"}"), end(FinishReason.END));
    chat(PAINT + ",\"tool_choice\":\"none\"")
        .body("choices[0].message.content", equalTo("{\"name\": \"paint\"}"))
        .body("choices[0].finish_reason", equalTo("stop"));
    chat("\"tool_choice\":\"required\"")
        .statusCode(400)
        .body("error.message", equalTo("tool_choice is required, but there are no tools"));
  }

  @Test
  void silenceIsFilledWithCommentsAlsoWhileACallIsHeldBack() {
    List<String> silent = streamed("", new Silence(), text("play"), end(FinishReason.END));
    assertEquals(
        List.of(ROLE, ": still here", chunk("{\"content\":\"play\"}", "null")),
        silent.subList(0, 3));
    // Tokens come all the time here, and none of them is sent.
    List<String> held =
        streamed(
            PAINT,
            text("<tool_call>{\"name\":"),
            new Meanwhile(() -> server.advance(Duration.ofSeconds(6))),
            text(" \"paint\", "),
            new Meanwhile(() -> server.advance(Duration.ofSeconds(6))),
            text("\"arguments\": {}}"),
            end(FinishReason.END));
    assertEquals(List.of(ROLE, ": still here"), held.subList(0, 2));
    assertEquals(1, held.stream().filter(line -> line.startsWith(":")).count());
  }

  @Test
  void failuresHaveAStatusUntilTheFirstEventAndAreEventsAfterwards() {
    for (String stream : List.of("\"stream\":false", "\"stream\":true")) {
      server.generation().tell(new Failure(ErrorCode.INTERNAL));
      chat(stream)
          .statusCode(500)
          .body("error.message", equalTo("it failed"))
          .body("error.type", equalTo("server_error"));
      server.generation().refuse(ServingException.overloaded("full", 3));
      chat(stream)
          .statusCode(429)
          .header("Retry-After", "3")
          .body("error.type", equalTo("rate_limit_error"));
    }
    List<String> lines = streamed("", text("play"), new Failure(ErrorCode.DEADLINE_EXCEEDED));
    assertEquals(
        "data: {\"error\":{\"message\":\"it failed\",\"type\":\"server_error\",\"param\":null,"
            + "\"code\":\"deadline_exceeded\"}}",
        lines.getLast());
    assertFalse(lines.contains("data: [DONE]"));
  }

  @Test
  void whatIsNotSupportedIsRefusedWithASentence() {
    refused(
        ",\"best_of\":2", "best_of is not supported: all texts are given, so ask for n of them");
    refused(",\"suffix\":\"x\"", "suffix is not supported: texts are continued at their end");
    refused(
        ",\"echo\":true,\"logprobs\":1",
        "logprobs of a prompt are not told: echo excludes logprobs");
    refused(",\"n\":0", "n must be 1 to 32 but is 0");
    refused(",\"stop\":7", "stop must be a string or an array of strings but is an integer");
    chat("\"functions\":[{\"name\":\"f\"}]")
        .statusCode(400)
        .body("error.message", equalTo("functions are not supported: give them as tools"));
    server.generation().tell(text("play"), end(FinishReason.END));
    completion(",\"best_of\":1,\"suffix\":\"\",\"echo\":true")
        .statusCode(200)
        .body("choices[0].text", equalTo("theplay"));
  }

  private static void refused(String fields, String sentence) {
    completion(fields)
        .statusCode(400)
        .body("error.message", equalTo(sentence))
        .body("error.code", equalTo("invalid_argument"));
  }

  @Test
  void modelsThatAreUnknownOrDoNotGenerateAreNamed() {
    given()
        .baseUri(server.url())
        .body("{\"model\":\"nobody\",\"prompt\":\"x\",\"stream\":true}")
        .post(COMPLETIONS)
        .then()
        .statusCode(404)
        .body("error.message", equalTo("no model 'nobody'"))
        .body("error.type", equalTo("invalid_request_error"))
        .body("error.param", nullValue())
        .body("error.code", equalTo("model_not_found"));
    given()
        .baseUri(server.url())
        .body("{\"model\":\"minilm\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}")
        .post(CHAT)
        .then()
        .statusCode(400)
        .body("error.message", equalTo("model 'minilm' does not generate text"));
  }

  @Test
  void languageModelsAreListedWithTheirLength() {
    given()
        .baseUri(server.url())
        .get("/v1/models")
        .then()
        .body("data.find { it.id == 'teller' }.max_model_len", equalTo(32))
        .body("data.find { it.id == 'minilm' }.max_model_len", nullValue());
    given()
        .baseUri(server.url())
        .get("/v1/models/teller")
        .then()
        .body("max_model_len", equalTo(32));
  }
}
