package io.lockstep.server.api;

import static io.restassured.RestAssured.given;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.errors.NotFoundException;
import com.openai.models.embeddings.CreateEmbeddingResponse;
import com.openai.models.embeddings.EmbeddingCreateParams;
import io.restassured.response.ValidatableResponse;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** OpenAI's embeddings and models, as bytes on the wire and through the official client. */
final class OpenAiIT {

  private static TestServer server;

  @BeforeAll
  static void start() {
    server = TestServer.start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static ValidatableResponse embed(String body) {
    return given()
        .baseUri(server.url())
        .contentType("application/json")
        .body(body)
        .post("/v1/embeddings")
        .then();
  }

  @Test
  void embedsTextsAsFloats() {
    embed(
            "{\"model\":\"minilm\",\"input\":[\"four\",\"a\"],\"encoding_format\":\"float\",\"user\":\"me\"}")
        .statusCode(200)
        .body(
            equalTo(
                """
                {"object":"list","data":[\
                {"object":"embedding","index":0,"embedding":[4.0,0.5,-1.0,0.33333334]},\
                {"object":"embedding","index":1,"embedding":[1.0,0.5,-1.0,0.33333334]}],\
                "model":"minilm","usage":{"prompt_tokens":5,"total_tokens":5}}\
                """));
  }

  @Test
  void embedsOneTextAsBase64() {
    embed(
            "{\"model\":\"minilm\",\"input\":\"four\",\"encoding_format\":\"base64\",\"dimensions\":2}")
        .statusCode(200)
        .body("data[0].embedding", equalTo("AACAQAAAAD8="));
  }

  @Test
  void embedsTokenIds() {
    embed("{\"model\":\"minilm\",\"input\":[2,4,3]}")
        .statusCode(200)
        .body("data[0].embedding", equalTo(List.of(3.0f, 9.0f, 0.0f, 0.0f)));
    embed("{\"model\":\"minilm\",\"input\":[[2,3],[4]]}")
        .statusCode(200)
        .body("data[1].embedding", equalTo(List.of(1.0f, 4.0f, 0.0f, 0.0f)));
  }

  @Test
  void failsInOpenAisWords() {
    embed("{\"model\":\"gpt\",\"input\":\"a\"}")
        .statusCode(404)
        .body(
            equalTo(
                """
                {"error":{"message":"no model 'gpt'","type":"invalid_request_error",\
                "param":null,"code":"model_not_found"}}\
                """));
    embed("{\"input\":\"a\"}").statusCode(400).body("error.message", containsString("no model"));
    embed("{\"model\":\"minilm\"}")
        .statusCode(400)
        .body("error.message", containsString("no input"));
    embed("{\"model\":\"minilm\",\"input\":[]}").statusCode(400);
    embed("{\"model\":\"minilm\",\"input\":{}}").statusCode(400);
    embed("{\"model\":\"minilm\",\"input\":\"a\",\"dimensions\":5}").statusCode(400);
    embed("{\"model\":\"minilm\",\"input\":\"a\",\"encoding_format\":\"hex\"}").statusCode(400);
    embed("{\"model\":\"floats\",\"input\":\"a\"}").statusCode(400);
    given()
        .baseUri(server.url())
        .get("/v1/nothing")
        .then()
        .statusCode(404)
        .body("error.type", equalTo("invalid_request_error"))
        .body("error.code", equalTo("unknown_url"));
  }

  @Test
  void listsModels() {
    given()
        .baseUri(server.url())
        .get("/v1/models")
        .then()
        .statusCode(200)
        .body("object", equalTo("list"))
        .body("data.id", hasItem("minilm"))
        .body("data[0].owned_by", equalTo("lockstep"));
    given().baseUri(server.url()).get("/v1/models/nothing").then().statusCode(404);
    given().baseUri(server.url()).get("/v1/models/loading").then().statusCode(200);
  }

  @Test
  void theOfficialClientEmbedsWithItsDefaultEncoding() {
    OpenAIClient client =
        OpenAIOkHttpClient.builder()
            .baseUrl(server.url() + "/v1")
            .apiKey("none")
            .maxRetries(0)
            .build();
    CreateEmbeddingResponse response =
        client
            .embeddings()
            .create(
                EmbeddingCreateParams.builder()
                    .model("minilm")
                    .inputOfArrayOfStrings(List.of("four", "a"))
                    .build());
    assertEquals(List.of(4.0f, 0.5f, -1.0f, 1f / 3), response.data().getFirst().embedding());
    assertEquals(5, response.usage().promptTokens());
    assertEquals("minilm", client.models().retrieve("minilm").id());
    assertThrows(
        NotFoundException.class,
        () ->
            client
                .embeddings()
                .create(EmbeddingCreateParams.builder().model("gpt").input("a").build()));
  }
}
