package io.lockstep.server.api;

import static io.lockstep.server.api.FakeGenerationService.end;
import static io.lockstep.server.api.FakeGenerationService.text;
import static io.lockstep.server.api.FakeGenerationService.token;
import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.lockstep.server.api.FakeGenerationService.Happening.Failure;
import io.lockstep.server.api.FakeGenerationService.Happening.Silence;
import io.lockstep.server.serving.ErrorCode;
import io.lockstep.server.serving.FinishReason;
import io.lockstep.server.serving.GenerationRequest;
import io.lockstep.server.serving.GenerationRequest.Prompt;
import io.lockstep.server.serving.GenerationSettings;
import io.lockstep.server.serving.ServingException;
import io.restassured.response.Response;
import io.restassured.response.ValidatableResponse;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The generate extension of the Open Inference Protocol, request by request. */
final class GenerateIT {

  private static final String WHOLE = "/v2/models/teller/generate";
  private static final String STREAM = "/v2/models/teller/generate_stream";

  private static TestServer server;

  @BeforeAll
  static void start() {
    server = TestServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static Response post(String path, String body) {
    return given().baseUri(server.url()).body(body).post(path);
  }

  private static ValidatableResponse answer(String path, String body) {
    return post(path, body).then();
  }

  private static GenerationRequest lastRequest() {
    return server.generation().requests().getLast();
  }

  @Test
  void isAdvertised() {
    given().baseUri(server.url()).get("/v2").then().body("extensions", hasItem("generate"));
  }

  @Test
  void continuesATextAsKserveAsks() {
    server.generation().tell(text("play"), text(" the guitar"), end(FinishReason.LENGTH));
    answer(
            WHOLE,
            """
            {"text_input": "the", "parameters": {"temperature": 0.5, "top_p": 0.9, "max_tokens": 7,
             "stop": ["."], "unknown": {"a": [1]}}}
            """)
        .statusCode(200)
        .body(
            equalTo(
                "{\"model_name\":\"teller\",\"model_version\":\"1\","
                    + "\"text_output\":\"play the guitar\"}"));
    GenerationSettings settings = lastRequest().settings();
    assertEquals(new Prompt.Text("the"), lastRequest().prompt());
    assertEquals(0.5, settings.sampling().temperature());
    assertEquals(0.9, settings.sampling().topP());
    assertEquals(7, settings.maxTokens());
    assertEquals(List.of("."), settings.stopStrings());
    assertEquals(-1, settings.topLogprobs());
  }

  @Test
  void continuesATextAsTritonAsks() {
    server.generation().tell(text("play"), end(FinishReason.END));
    answer(
            "/v2/models/teller/versions/1/generate",
            "{\"id\":\"a\",\"text_input\":\"the\",\"stream\":false,\"temperature\":0,\"top_k\":3}")
        .statusCode(200)
        .body("id", equalTo("a"))
        .body("text_output", equalTo("play"));
    assertEquals(0, lastRequest().settings().sampling().temperature());
    assertEquals(3, lastRequest().settings().sampling().topK());
    assertEquals(20, lastRequest().settings().maxTokens());
    assertEquals("1", lastRequest().version());
  }

  @Test
  void detailsTellTokensAndTheEnd() {
    server.generation().tell(token(4, "play"), token(3, ""), end(FinishReason.END));
    answer(WHOLE, "{\"text_input\":\"the\",\"parameters\":{\"details\":true}}")
        .statusCode(200)
        .body("details.finish_reason", equalTo("eos_token"))
        .body("details.logprobs.id", equalTo(List.of(4, 3)))
        .body("details.logprobs.text", equalTo(List.of("play", "[SEP]")))
        .body("details.logprobs.logprob", equalTo(List.of(-0.5f, -0.5f)))
        .body("details.logprobs.special", equalTo(List.of(false, true)));
    server.generation().tell(text("play"), end(FinishReason.STOP));
    answer(WHOLE, "{\"text_input\":\"the\",\"details\":true}")
        .body("details.finish_reason", equalTo("stop_sequence"));
  }

  @Test
  void streamsEventsWithoutAMarkOfTheEnd() {
    server.generation().tell(text("play"), text("ing"), end(FinishReason.LENGTH));
    Response answer = post(STREAM, "{\"text_input\":\"the\"}");
    assertEquals("text/event-stream; charset=utf-8", answer.contentType().replace(";c", "; c"));
    assertEquals(
        """
        data: {"model_name":"teller","model_version":"1","text_output":"play"}

        data: {"model_name":"teller","model_version":"1","text_output":"ing"}

        """,
        answer.asString());
  }

  @Test
  void streamedDetailsTellEachTokenAndTheEnd() {
    server.generation().tell(token(4, "play"), text("ed"), end(FinishReason.LENGTH));
    String head = "data: {\"model_name\":\"teller\",\"model_version\":\"1\",\"text_output\":";
    assertEquals(
        head
            + "\"play\",\"details\":{\"token\":{\"id\":4,\"text\":\"play\",\"logprob\":-0.5,"
            + "\"special\":false}}}\n\n"
            + head
            + "\"ed\",\"details\":{}}\n\n"
            + head
            + "\"\",\"details\":{\"finish_reason\":\"length\"}}\n\n",
        post(STREAM, "{\"text_input\":\"the\",\"parameters\":{\"details\":true}}").asString());
  }

  @Test
  void anEmptyTextIsOneEvent() {
    server.generation().tell(end(FinishReason.END));
    assertEquals(
        "data: {\"model_name\":\"teller\",\"model_version\":\"1\",\"text_output\":\"\"}\n\n",
        post(STREAM, "{\"text_input\":\"the\"}").asString());
  }

  @Test
  void silenceIsFilledWithComments() {
    server.generation().tell(new Silence(), text("play"), new Silence(), end(FinishReason.END));
    assertEquals(
        ": still here\n\n"
            + "data: {\"model_name\":\"teller\",\"model_version\":\"1\",\"text_output\":\"play\"}"
            + "\n\n: still here\n\n",
        post(STREAM, "{\"text_input\":\"the\"}").asString());
  }

  @Test
  void failuresHaveTheStatusesOfTheExtension() {
    for (String path : List.of(WHOLE, STREAM)) {
      answer(path, "{}").statusCode(422).body("error", equalTo("the request has no text_input"));
      answer(path, "{\"text_input\":\"a\",\"temperature\":-1}").statusCode(422);
      answer(path, "{").statusCode(422);
      fails(path, ErrorCode.INTERNAL, 424);
      fails(path, ErrorCode.DEADLINE_EXCEEDED, 500);
      server.generation().refuse(ServingException.overloaded("full", 3));
      answer(path, "{\"text_input\":\"a\"}").statusCode(429).header("Retry-After", "3");
      server.generation().tell();
    }
    answer("/v2/models/floats/generate", "{\"text_input\":\"a\"}")
        .statusCode(422)
        .body("error", equalTo("model 'floats' does not generate text"));
    answer("/v2/models/nothing/generate_stream", "{\"text_input\":\"a\"}").statusCode(404);
    given().baseUri(server.url()).get(WHOLE).then().statusCode(405);
  }

  private static void fails(String path, ErrorCode code, int status) {
    server.generation().tell(new Failure(code));
    answer(path, "{\"text_input\":\"a\"}").statusCode(status).body("error", equalTo("it failed"));
  }

  @Test
  void aLateFailureIsAnEvent() {
    server.generation().tell(text("play"), new Failure(ErrorCode.INTERNAL));
    Response answer = post(STREAM, "{\"text_input\":\"the\"}");
    assertEquals(200, answer.statusCode());
    assertEquals(
        "data: {\"error\":\"it failed\"}",
        answer.asString().lines().filter(line -> !line.isEmpty()).toList().getLast());
  }

  @Test
  void timeIsWhatTheBodySaysThenTheHeaderThenTheDefault() {
    assertEquals(5_000, allowedMillis("{\"text_input\":\"a\",\"timeout\":5000000}", "7"));
    assertEquals(7_500, allowedMillis("{\"text_input\":\"a\"}", "7.5"));
    given()
        .baseUri(server.url())
        .header("x-request-timeout", "soon")
        .body("{\"text_input\":\"a\"}")
        .post(WHOLE)
        .then()
        .statusCode(422)
        .body(
            "error",
            equalTo(
                "the header x-request-timeout must be a number of seconds, such as 2.5, but is"
                    + " 'soon'"));
    server.generation().tell(end(FinishReason.END));
    answer(WHOLE, "{\"text_input\":\"a\"}").statusCode(200);
    assertFalse(remainingMillis() < 500_000, "the default of ten minutes");
  }

  private static long allowedMillis(String body, String header) {
    server.generation().tell(end(FinishReason.END));
    given().baseUri(server.url()).header("x-request-timeout", header).body(body).post(WHOLE);
    return remainingMillis();
  }

  private static long remainingMillis() {
    GenerationRequest request = lastRequest();
    return TimeUnit.NANOSECONDS.toMillis(
        request.deadline().remainingNanos(request.clock().startNanos()));
  }
}
