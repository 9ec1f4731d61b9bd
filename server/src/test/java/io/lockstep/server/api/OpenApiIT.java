package io.lockstep.server.api;

import static io.restassured.RestAssured.given;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.restassured.specification.RequestSpecification;
import io.swagger.v3.parser.OpenAPIV3Parser;
import io.swagger.v3.parser.core.models.SwaggerParseResult;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The description of the routes: valid, and of the routes that there are. */
final class OpenApiIT {

  /** Routes that only refuse, and files of the console. */
  private static final Pattern NOT_DESCRIBED =
      Pattern.compile("(GET|POST) (/|/console/.*|.*:classify|.*:regress|.*/labels/.*)");

  private static TestServer server;
  private static String document;

  @BeforeAll
  static void start() {
    server = TestServer.start();
    document = given().baseUri(server.url()).get("/openapi.json").asString();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void isValid() {
    SwaggerParseResult parsed = new OpenAPIV3Parser().readContents(document);
    assertEquals(List.of(), parsed.getMessages());
    assertEquals("1.2.3", parsed.getOpenAPI().getInfo().getVersion());
    assertTrue(parsed.isOpenapi31());
  }

  @Test
  void isHeldAgainstTheAnswersOfTheHttpTests() {
    String other = document.replace("\"const\":\"lockstep\"", "\"const\":\"other\"");
    OpenApiContract contract = new OpenApiContract(other.getBytes(StandardCharsets.UTF_8));

    RequestSpecification request = given().baseUri(server.url()).noFilters().filter(contract);

    assertThrows(AssertionError.class, () -> request.get("/v2"));
  }

  @Test
  void describesEveryRouteAndNoOther() throws Exception {
    Set<String> described = new TreeSet<>();
    JsonNode paths = new ObjectMapper().readTree(document).get("paths");
    paths
        .properties()
        .forEach(path ->
            path.getValue()
                .fieldNames()
                .forEachRemaining(method -> {
                  if (!method.equals("parameters")) {
                    described.add(method.toUpperCase(Locale.ROOT) + " " + path.getKey());
                  }
                }));
    Set<String> served = new TreeSet<>(server.routes());
    served.removeIf(NOT_DESCRIBED.asMatchPredicate());
    assertEquals(String.join("\n", served), String.join("\n", described));
  }
}
