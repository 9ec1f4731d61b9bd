package io.lockstep.server.api.openai;

import io.lockstep.server.api.Exchange;
import io.lockstep.server.serving.GenerationCall;
import io.lockstep.server.serving.GenerationRequest;
import io.lockstep.server.serving.GenerationRequest.Prompt;
import io.lockstep.server.serving.GenerationService;
import io.lockstep.server.serving.GenerationTraits;
import io.lockstep.server.serving.ModelCatalog;
import io.lockstep.server.serving.Phase;
import io.lockstep.server.serving.ServingException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** Continues conversations. */
final class ChatRoutes {

  private final GenerationService generation;
  private final ModelCatalog catalog;

  ChatRoutes(GenerationService generation, ModelCatalog catalog) {
    this.generation = generation;
    this.catalog = catalog;
  }

  void complete(Exchange exchange) throws IOException, InterruptedException {
    ChatBody body = ChatBody.read(exchange);
    GenerationBody common = body.common();
    String model = common.requiredModel();
    exchange.about(model);
    GenerationTraits traits = traits(model);
    if (body.toolChoice().isForced()) {
      common.fields.call(body.toolChoice().grammar());
    }
    String prompt = prompt(body, traits);
    exchange.clock().mark(Phase.PARSE);
    GenerationCall call = submit(exchange, model, prompt, common);
    AnswerHead head = AnswerHead.of("chatcmpl-", model, exchange);
    List<ToolCallParser> tools = ToolCallParser.forEach(common.choices, body.toolChoice());
    LogprobsJson logprobs = new LogprobsJson(traits.tokenizer(), common.fields.wantsLogprobs());
    if (common.isStream) {
      ChatStream stream =
          new ChatStream(exchange, head, logprobs, tools, common.includeUsage, call.promptTokens());
      exchange.follow(call, common.choices, stream);
      stream.end();
    } else {
      ChatAnswer answer = new ChatAnswer(head, logprobs, tools, call.promptTokens());
      exchange.follow(call, common.choices, answer);
      exchange.sendJson(answer);
    }
  }

  private GenerationCall submit(
      Exchange exchange, String model, String prompt, GenerationBody common) {
    try {
      return generation.submit(
          new GenerationRequest(
              model,
              null,
              new Prompt.Templated(prompt),
              common.fields.settings(),
              common.choices,
              exchange.tenant(),
              exchange.generationDeadline(Duration.ZERO),
              exchange.clock()));
    } catch (ServingException refused) {
      throw GenerationBody.located(refused, "messages");
    }
  }

  /** The prompt that a conversation makes, without running it. */
  void applyTemplate(Exchange exchange) throws IOException {
    ChatBody body = ChatBody.read(exchange);
    String prompt = prompt(body, traits(body.common().requiredModel()));
    exchange.sendJson(json -> {
      json.writeStartObject();
      json.writeStringField("prompt", prompt);
      json.writeEndObject();
    });
  }

  private static String prompt(ChatBody body, GenerationTraits traits) {
    return body.conversation().prompt(traits, !body.toolChoice().isOff());
  }

  private GenerationTraits traits(String model) {
    return catalog.describe(model, null).generationTraits();
  }
}
