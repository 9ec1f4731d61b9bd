package io.lockstep.loadtest.overhead;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.Javalin;
import io.javalin.http.Context;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Bare Javalin handlers for the payload of an identity model. One reads floats from JSON and writes
 * them back, as any server of such requests must; the other does not even look at the body. Listens
 * on the port that is its argument.
 */
public final class BareServer {

  /** Where floats are read and written. */
  static final String JSON = "json";

  /** Where a text of the same length is answered. */
  static final String CONSTANT = "constant";

  private static final byte[] ANSWER =
      ("{\"model_name\":\"identity\",\"model_version\":\"1\",\"outputs\":[{\"name\":\"y\","
              + "\"datatype\":\"FP32\",\"shape\":[1,16],\"data\":["
              + "0.1234,".repeat(IdentityModel.COLUMNS - 1)
              + "0.1234]}]}")
          .getBytes(StandardCharsets.UTF_8);

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private BareServer() {}

  public static void main(String[] arguments) {
    start(Integer.parseInt(arguments[0]));
  }

  static Javalin start(int port) {
    return Javalin.create(
            config -> {
              config.startup.showJavalinBanner = false;
              config.startup.startupWatcherEnabled = false;
              config.concurrency.useVirtualThreads = true;
              config.routes.get("/v2/health/ready", context -> context.status(200));
              config.routes.post("/v2/models/" + JSON + "/infer", BareServer::json);
              config.routes.post(
                  "/v2/models/" + CONSTANT + "/infer",
                  context -> {
                    context.bodyAsBytes();
                    context.contentType("application/json").result(ANSWER);
                  });
            })
        .start("127.0.0.1", port);
  }

  private static void json(Context context) throws IOException {
    JsonNode input = MAPPER.readTree(context.bodyAsBytes()).path("inputs").path(0);
    float[] values = new float[input.path("data").size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) input.path("data").path(i).asDouble();
    }
    ObjectNode answer = MAPPER.createObjectNode();
    answer.put("model_name", "identity").put("model_version", "1");
    ObjectNode output = answer.putArray("outputs").addObject();
    output.put("name", "y").put("datatype", input.path("datatype").asText());
    output.set("shape", input.path("shape"));
    ArrayNode data = output.putArray("data");
    for (float value : values) {
      data.add(value);
    }
    context.contentType("application/json").result(MAPPER.writeValueAsBytes(answer));
  }
}
