package io.lockstep.server.api;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.equalTo;

import io.restassured.response.ValidatableResponse;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Prompts to tokens and back, as vLLM's and llama.cpp's clients ask. */
final class PromptTokensIT {

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

  @Test
  void aPromptIsCountedAsItWouldBeGenerated() {
    post("/tokenize", "{\"model\":\"teller\",\"prompt\":\"playing the guitar\"}")
        .statusCode(200)
        .body(
            equalTo(
                "{\"count\":6,\"max_model_len\":32,\"tokens\":[2,4,5,6,7,3],\"token_strs\":null}"));
    post(
            "/models/teller/tokenize",
            "{\"prompt\":\"the guitar\",\"add_special_tokens\":false,\"return_token_strs\":true}")
        .body(
            equalTo(
                "{\"count\":2,\"max_model_len\":32,\"tokens\":[6,7],"
                    + "\"token_strs\":[\"the\",\"guitar\"]}"));
  }

  @Test
  void aConversationIsCountedWithItsTemplate() {
    post(
            "/tokenize",
            """
            {"model": "teller", "add_generation_prompt": true, "messages": [
              {"role": "developer", "content": "play"},
              {"role": "user", "content": [{"type": "text", "text": "the"}]}]}
            """)
        .statusCode(200)
        .body("tokens", equalTo(List.of(2, 4, 6, 3)));
  }

  @Test
  void llamaCppsWordsAreUnderstood() {
    post("/tokenize", "{\"content\":\"the guitar\"}")
        .statusCode(200)
        .body("tokens", equalTo(List.of(6, 7)));
    post("/tokenize", "{\"content\":\"the\",\"add_special\":true}")
        .body("tokens", equalTo(List.of(2, 6, 3)));
    post("/detokenize", "{\"tokens\":[6,7]}").body("content", equalTo("the guitar"));
  }

  @Test
  void tokensBecomeText() {
    post("/detokenize", "{\"model\":\"teller\",\"tokens\":[2,4,5,3]}")
        .statusCode(200)
        .body("prompt", equalTo("[CLS] playing [SEP]"));
    post("/models/teller/detokenize", "{\"tokens\":[]}").body("prompt", equalTo(""));
  }

  @Test
  void mistakesAreNamed() {
    post("/tokenize", "{\"prompt\":\"a\",\"messages\":[{\"role\":\"user\",\"content\":\"b\"}]}")
        .statusCode(422)
        .body("error", equalTo("the request has both a prompt and messages"));
    post("/tokenize", "{\"model\":\"minilm\",\"prompt\":\"a\"}")
        .statusCode(422)
        .body("error", equalTo("model 'minilm' does not generate text"));
    post("/tokenize", "{\"model\":\"nobody\",\"prompt\":\"a\"}").statusCode(404);
    post("/detokenize", "{\"tokens\":[99]}")
        .statusCode(422)
        .body("error", equalTo("tokens holds 99, which is no token"));
    post("/tokenize", "{}").statusCode(422).body("error", equalTo("inputs must not be empty"));
  }
}
