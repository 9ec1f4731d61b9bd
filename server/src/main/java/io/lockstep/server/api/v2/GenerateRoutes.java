package io.lockstep.server.api.v2;

import io.lockstep.server.api.Exchange;
import io.lockstep.server.serving.GenerationCall;
import io.lockstep.server.serving.GenerationRequest;
import io.lockstep.server.serving.GenerationRequest.Prompt;
import io.lockstep.server.serving.GenerationService;
import io.lockstep.server.serving.GenerationTraits;
import io.lockstep.server.serving.ModelCatalog;
import io.lockstep.server.serving.Phase;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Continues one text, as a whole or in events. */
final class GenerateRoutes {

  private final GenerationService generation;
  private final ModelCatalog catalog;

  GenerateRoutes(GenerationService generation, ModelCatalog catalog) {
    this.generation = generation;
    this.catalog = catalog;
  }

  void generate(Exchange exchange) throws IOException, InterruptedException {
    Started started = start(exchange);
    GenerateAnswer answer = new GenerateAnswer(started.json());
    exchange.follow(started.call(), 1, answer);
    exchange.sendJson(answer);
  }

  void stream(Exchange exchange) throws IOException, InterruptedException {
    Started started = start(exchange);
    GenerateStream stream = new GenerateStream(exchange, started.json());
    exchange.follow(started.call(), 1, stream);
  }

  /** A text being generated, and how its parts are written down. */
  private record Started(GenerationCall call, GenerateJson json) {}

  private Started start(Exchange exchange) throws IOException {
    String model = exchange.path("model");
    @Nullable String version = exchange.optionalPath("version");
    exchange.about(model);
    GenerateBody body = GenerateBody.read(exchange);
    GenerationTraits traits = catalog.describe(model, version).generationTraits();
    String text = body.text();
    exchange.clock().mark(Phase.PARSE);
    GenerationCall call =
        generation.submit(
            new GenerationRequest(
                model,
                version,
                new Prompt.Text(text),
                body.fields.settings(),
                1,
                exchange.tenant(),
                exchange.generationDeadline(body.timeout()),
                exchange.clock()));
    return new Started(
        call,
        new GenerateJson(
            model, call.version(), body.id(), body.wantsDetails(), traits.tokenizer()));
  }
}
