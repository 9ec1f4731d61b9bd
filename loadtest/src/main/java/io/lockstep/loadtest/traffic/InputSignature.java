package io.lockstep.loadtest.traffic;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;

/**
 * What a model takes.
 *
 * @param shape extents with the batch axis in front, -1 where any is allowed
 */
public record InputSignature(String name, String datatype, List<Integer> shape) {

  /** Asks the server, by the Open Inference Protocol. */
  public static List<InputSignature> of(URI server, String model) throws IOException {
    URI metadata = server.resolve("/v2/models/" + model);
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(metadata).build(), HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() != 200) {
        throw new IOException(metadata + ": status " + answer.statusCode() + ", " + answer.body());
      }
      return read(new ObjectMapper().readTree(answer.body()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while asking " + metadata, e);
    }
  }

  private static List<InputSignature> read(JsonNode metadata) {
    List<InputSignature> inputs = new ArrayList<>();
    for (JsonNode input : metadata.path("inputs")) {
      List<Integer> shape = new ArrayList<>();
      input.path("shape").forEach(extent -> shape.add(extent.asInt()));
      inputs.add(
          new InputSignature(
              input.path("name").asText(), input.path("datatype").asText(), List.copyOf(shape)));
    }
    return inputs;
  }

  /**
   * Extents for one request.
   *
   * @param rows along the batch axis
   * @param length along every other axis that allows any
   */
  int[] extents(int rows, int length) {
    int[] extents = new int[shape.size()];
    for (int axis = 0; axis < extents.length; axis++) {
      int extent = shape.get(axis);
      extents[axis] = extent >= 0 ? extent : axis == 0 ? rows : length;
    }
    return extents;
  }
}
