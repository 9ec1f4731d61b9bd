package io.lockstep.server.api.tei;

import com.fasterxml.jackson.core.JsonGenerator;
import io.lockstep.server.api.ElementWriter;
import io.lockstep.server.api.EmbeddingInputs;
import io.lockstep.server.api.Exchange;
import io.lockstep.server.api.JsonInput;
import io.lockstep.server.serving.EmbeddingRequest;
import io.lockstep.server.serving.EmbeddingRequest.Input;
import io.lockstep.server.serving.EmbeddingResponse;
import io.lockstep.server.serving.EmbeddingService;
import io.lockstep.server.serving.ModelDescription;
import io.lockstep.server.serving.Phase;
import io.lockstep.server.serving.PhaseClock;
import io.lockstep.server.serving.ServingException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Texts to vectors, and how alike two texts are. */
final class EmbedRoutes {

  private final EmbeddingService embeddings;
  private final ModelChoice models;

  EmbedRoutes(EmbeddingService embeddings, ModelChoice models) {
    this.embeddings = embeddings;
    this.models = models;
  }

  void embed(Exchange exchange) throws IOException, InterruptedException {
    EmbedOptions options = new EmbedOptions();
    List<Input> inputs = List.of();
    try (JsonInput json = exchange.json()) {
      json.startObject();
      for (String key = json.nextKey(); key != null; key = json.nextKey()) {
        if (key.equals("inputs")) {
          inputs = EmbeddingInputs.read(json, key, exchange.limits().maxTexts()).inputs();
        } else {
          options.read(key, json);
        }
      }
      json.end();
    }
    EmbeddingResponse response = run(exchange, inputs, options.result());
    exchange.sendJson(json -> writeVectors(json, response));
  }

  void similarity(Exchange exchange) throws IOException, InterruptedException {
    EmbedOptions options = new EmbedOptions();
    List<Input> inputs = new ArrayList<>();
    try (JsonInput json = exchange.json()) {
      json.startObject();
      for (String key = json.nextKey(); key != null; key = json.nextKey()) {
        switch (key) {
          case "inputs" -> inputs = readComparison(json, exchange.limits().maxTexts());
          case "parameters" -> readParameters(json, options);
          default -> json.skip();
        }
      }
      json.end();
    }
    EmbeddingResponse response = run(exchange, inputs, options.result());
    exchange.sendJson(json -> writeSimilarities(json, response.rows()));
  }

  private EmbeddingResponse run(
      Exchange exchange, List<Input> inputs, EmbeddingRequest.Options options)
      throws InterruptedException {
    if (inputs.isEmpty()) {
      throw ServingException.invalid("the request has no inputs");
    }
    ModelDescription model = models.of(exchange);
    exchange.clock().mark(Phase.PARSE);
    EmbeddingResponse response =
        exchange.await(
            embeddings.submit(
                new EmbeddingRequest(
                    model.name(),
                    null,
                    inputs,
                    options,
                    exchange.deadline(Duration.ZERO),
                    exchange.clock())));
    addHeaders(exchange, inputs, response.tokens());
    return response;
  }

  /** The source sentence first, then those to compare it with. */
  private static List<Input> readComparison(JsonInput json, int maxTexts) throws IOException {
    json.object("inputs");
    String source = null;
    List<Input> texts = new ArrayList<>();
    for (String key = json.nextKey(); key != null; key = json.nextKey()) {
      switch (key) {
        case "source_sentence" -> source = json.string(key);
        case "sentences" -> texts.addAll(EmbeddingInputs.read(json, key, maxTexts).inputs());
        default -> json.skip();
      }
    }
    if (source == null || texts.isEmpty()) {
      throw ServingException.invalid("inputs must have source_sentence and sentences");
    }
    texts.addFirst(new Input.Text(source));
    return texts;
  }

  private static void readParameters(JsonInput json, EmbedOptions options) throws IOException {
    if (json.isNull()) {
      return;
    }
    json.object("parameters");
    for (String key = json.nextKey(); key != null; key = json.nextKey()) {
      options.read(key, json);
    }
  }

  private static void writeVectors(JsonGenerator json, EmbeddingResponse response)
      throws IOException {
    ElementWriter elements = new ElementWriter(json, ElementWriter.NonFinite.NULL);
    json.writeStartArray();
    for (EmbeddingResponse.Row row : response.rows()) {
      json.writeStartArray();
      for (int i = 0; i < row.dimensions(); i++) {
        elements.writeFloat(row.get(i));
      }
      json.writeEndArray();
    }
    json.writeEndArray();
  }

  private static void writeSimilarities(JsonGenerator json, List<EmbeddingResponse.Row> rows)
      throws IOException {
    ElementWriter elements = new ElementWriter(json, ElementWriter.NonFinite.NULL);
    json.writeStartArray();
    for (int i = 1; i < rows.size(); i++) {
      elements.writeFloat(cosine(rows.getFirst(), rows.get(i)));
    }
    json.writeEndArray();
  }

  private static float cosine(EmbeddingResponse.Row a, EmbeddingResponse.Row b) {
    double product = 0;
    double squaresOfA = 0;
    double squaresOfB = 0;
    for (int i = 0; i < a.dimensions(); i++) {
      product += (double) a.get(i) * b.get(i);
      squaresOfA += (double) a.get(i) * a.get(i);
      squaresOfB += (double) b.get(i) * b.get(i);
    }
    return (float) (product / Math.sqrt(squaresOfA * squaresOfB));
  }

  /** Whole milliseconds, as the clients of these headers parse them. */
  private static void addHeaders(Exchange exchange, List<Input> inputs, long tokens) {
    PhaseClock clock = exchange.clock();
    exchange.answerHeader("x-compute-type", "cpu");
    exchange.answerHeader("x-compute-time", millis(clock.totalNanos()));
    exchange.answerHeader("x-compute-characters", Long.toString(characters(inputs)));
    exchange.answerHeader("x-compute-tokens", Long.toString(tokens));
    exchange.answerHeader("x-total-time", millis(clock.totalNanos()));
    exchange.answerHeader("x-tokenization-time", millis(clock.nanos(Phase.TOKENIZE)));
    exchange.answerHeader("x-queue-time", millis(clock.nanos(Phase.QUEUE)));
    exchange.answerHeader("x-inference-time", millis(clock.nanos(Phase.INFER)));
  }

  private static String millis(long nanos) {
    return Long.toString(TimeUnit.NANOSECONDS.toMillis(nanos));
  }

  private static long characters(List<Input> inputs) {
    long count = 0;
    for (Input input : inputs) {
      count +=
          switch (input) {
            case Input.Text(String text) -> text.codePointCount(0, text.length());
            case Input.Pair(String first, String second) ->
                first.codePointCount(0, first.length()) + second.codePointCount(0, second.length());
            case Input.Tokens _ -> 0;
          };
    }
    return count;
  }
}
