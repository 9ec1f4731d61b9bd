package io.lockstep.server.api.tei;

import io.lockstep.runtime.tokenizer.Tokenizer;
import io.lockstep.server.api.Exchange;
import io.lockstep.server.api.JsonInput;
import io.lockstep.server.serving.GenerationRequest.Prompt;
import io.lockstep.server.serving.GenerationTraits;
import io.lockstep.server.serving.Phase;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The prompt of a language model as it counts tokens, and back: vLLM's routes, of which llama.cpp's
 * answers are a part.
 */
final class PromptTokenRoutes {

  private final ModelChoice models;

  PromptTokenRoutes(ModelChoice models) {
    this.models = models;
  }

  /** The tokens that a request to generate with this prompt would begin with. */
  void tokenize(Exchange exchange, TokenizeBody body) throws IOException {
    GenerationTraits traits = models.generatorOf(exchange, body.model()).generationTraits();
    exchange.clock().mark(Phase.PARSE);
    List<Integer> ids = ids(body, traits);
    exchange.clock().mark(Phase.TOKENIZE);
    exchange.sendJson(json -> {
      json.writeStartObject();
      json.writeNumberField("count", ids.size());
      json.writeNumberField("max_model_len", traits.contextLength());
      json.writeArrayFieldStart("tokens");
      for (int id : ids) {
        json.writeNumber(id);
      }
      json.writeEndArray();
      if (body.returnTokenStrings()) {
        json.writeArrayFieldStart("token_strs");
        for (int id : ids) {
          json.writeString(traits.tokenizer().tokenOf(id).orElse(""));
        }
        json.writeEndArray();
      } else {
        json.writeNullField("token_strs");
      }
      json.writeEndObject();
    });
  }

  private static List<Integer> ids(TokenizeBody body, GenerationTraits traits) {
    @Nullable String text = body.prompt();
    @Nullable Boolean special = body.addSpecialTokens();
    if (text == null) {
      String made = body.conversation().prompt(traits, true);
      return special == null
          ? traits.tokens(new Prompt.Templated(made))
          : traits.tokens(made, special);
    }
    return traits.tokens(text, special == null || special);
  }

  void detokenize(Exchange exchange) throws IOException {
    int[] ids = {};
    String model = null;
    try (JsonInput json = exchange.json()) {
      json.startObject();
      for (String key = json.nextKey(); key != null; key = json.nextKey()) {
        switch (key) {
          case "model" -> model = json.isNull() ? null : json.string(key);
          case "tokens" -> {
            json.array(key);
            json.parser().nextToken();
            ids = TokenRoutes.readIds(json, key);
          }
          default -> json.skip();
        }
      }
      json.end();
    }
    Tokenizer tokenizer = models.generatorOf(exchange, model).generationTraits().tokenizer();
    TokenRoutes.requireKnown(List.of(ids), tokenizer, "tokens");
    String text = tokenizer.decode(ids, false);
    exchange.sendJson(json -> {
      json.writeStartObject();
      json.writeStringField("prompt", text);
      json.writeStringField("content", text); // llama.cpp's name of it
      json.writeEndObject();
    });
  }
}
