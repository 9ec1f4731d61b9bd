package io.lockstep.server.api;

import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.ValidationMessage;
import io.restassured.filter.Filter;
import io.restassured.filter.FilterContext;
import io.restassured.response.Response;
import io.restassured.specification.FilterableRequestSpecification;
import io.restassured.specification.FilterableResponseSpecification;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Holds the answers of a server to the description of its routes. */
public final class OpenApiContract implements Filter {

  /** As lenient as TensorFlow Serving's JSON, where NaN is a bare word. */
  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

  private static final JsonSchemaFactory SCHEMAS =
      JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012);

  /** What a server answered. */
  @SuppressWarnings("ArrayRecordComponent") // nobody compares answers
  public record Answer(int status, String contentType, byte[] body) {}

  private final JsonNode document;

  public OpenApiContract(byte[] document) {
    try {
      this.document = JSON.readTree(document);
    } catch (IOException problem) {
      throw new UncheckedIOException(problem);
    }
  }

  @Override
  public Response filter(
      FilterableRequestSpecification request,
      FilterableResponseSpecification expected,
      FilterContext context) {
    Response response = context.next(request, expected);
    check(
        request.getMethod() + " " + URI.create(request.getURI()).getPath(),
        new Answer(response.statusCode(), response.contentType(), response.body().asByteArray()));
    return response;
  }

  /**
   * Fails when the answer is not what the document says; paths that nobody serves are not in it.
   *
   * @param request its method and path, as in {@code GET /v2}
   */
  public void check(String request, Answer answered) {
    int space = request.indexOf(' ');
    Optional<JsonNode> operation =
        operation(request.substring(0, space), request.substring(space + 1));
    if (operation.isEmpty()) {
      return;
    }
    String about = request + " -> " + answered.status();
    JsonNode responses = operation.get().get("responses");
    String status = Integer.toString(answered.status());
    if (!responses.has(status) && answered.status() < 400) {
      throw new AssertionError(about + ": the status is not described");
    }
    JsonNode answer =
        resolve(responses.has(status) ? responses.get(status) : responses.get("default"));
    if (!answer.has("content")) {
      if (answered.body().length > 0) {
        throw new AssertionError(about + ": a body, which is not described");
      }
      return;
    }
    String type = answered.contentType().replaceFirst(";.*", "");
    JsonNode content = answer.get("content").get(type);
    if (content == null) {
      throw new AssertionError(about + ": content type " + type + " is not described");
    }
    if (type.equals("application/json")) {
      checkJson(about, content.get("schema"), answered.body());
    } else if (content.has("x-event")) {
      checkEvents(about, content.get("x-event"), answered.body());
    }
  }

  /** Every event but the last one, whose data is the word {@code [DONE]}, is one JSON value. */
  private void checkEvents(String about, JsonNode schema, byte[] body) {
    for (String line : new String(body, StandardCharsets.UTF_8).split("\n", -1)) {
      if (line.startsWith("data: ") && !line.equals("data: [DONE]")) {
        checkJson(about, schema, line.substring(6).getBytes(StandardCharsets.UTF_8));
      } else if (!line.isEmpty() && !line.startsWith(":") && !line.startsWith("data: ")) {
        throw new AssertionError(about + ": not an event: " + line);
      }
    }
  }

  private void checkJson(String about, JsonNode schema, byte[] body) {
    // References of the document begin at its root, and so do those of this schema.
    ObjectNode root = JSON.createObjectNode();
    root.putArray("allOf").add(schema);
    root.set("components", document.get("components"));
    try {
      Set<ValidationMessage> problems = SCHEMAS.getSchema(root).validate(JSON.readTree(body));
      if (!problems.isEmpty()) {
        throw new AssertionError(about + " is not as described: " + problems);
      }
    } catch (IOException problem) {
      throw new AssertionError(about + ": not JSON", problem);
    }
  }

  private JsonNode resolve(JsonNode node) {
    return node.has("$ref") ? document.at(node.get("$ref").asText().substring(1)) : node;
  }

  /** The operation of this path: one without parameters where there are several. */
  private Optional<JsonNode> operation(String method, String path) {
    return document.get("paths").properties().stream()
        .filter(entry -> matches(entry.getKey(), path))
        .filter(entry -> entry.getValue().has(method.toLowerCase(Locale.ROOT)))
        .min(Comparator.comparingInt(entry -> entry.getKey().split("\\{", -1).length))
        .map(entry -> entry.getValue().get(method.toLowerCase(Locale.ROOT)));
  }

  private static boolean matches(String template, String path) {
    StringBuilder pattern = new StringBuilder();
    for (String part : template.split("(?=\\{)|(?<=\\})", -1)) {
      pattern.append(part.startsWith("{") ? "[^/:]+" : Pattern.quote(part));
    }
    return path.matches(pattern.toString());
  }
}
