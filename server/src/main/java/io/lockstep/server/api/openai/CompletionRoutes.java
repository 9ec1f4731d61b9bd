package io.lockstep.server.api.openai;

import io.lockstep.runtime.tokenizer.Tokenizer;
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
import java.util.ArrayList;
import java.util.List;

/** Continues texts. */
final class CompletionRoutes {

  private final GenerationService generation;
  private final ModelCatalog catalog;

  CompletionRoutes(GenerationService generation, ModelCatalog catalog) {
    this.generation = generation;
    this.catalog = catalog;
  }

  void complete(Exchange exchange) throws IOException, InterruptedException {
    CompletionBody body = CompletionBody.read(exchange);
    GenerationBody common = body.common();
    String model = common.requiredModel();
    exchange.about(model);
    GenerationTraits traits = catalog.describe(model, null).generationTraits();
    List<String> echoes = new ArrayList<>();
    for (Prompt prompt : body.prompts()) {
      String echo = body.echo() ? text(prompt, traits.tokenizer()) : "";
      for (int i = 0; i < common.choices; i++) {
        echoes.add(echo);
      }
    }
    exchange.clock().mark(Phase.PARSE);
    LogprobsJson logprobs = new LogprobsJson(traits.tokenizer(), common.fields.wantsLogprobs());
    AnswerHead head = AnswerHead.of("cmpl-", model, exchange);
    CompletionAnswer answer =
        common.isStream
            ? CompletionAnswer.streaming(exchange, head, logprobs, echoes, common.includeUsage)
            : CompletionAnswer.whole(head, logprobs, echoes);
    List<GenerationCall> calls = submit(exchange, model, body);
    try {
      for (int prompt = 0; prompt < calls.size(); prompt++) {
        answer.promptBegins(prompt * common.choices, calls.get(prompt).promptTokens());
        exchange.follow(calls.get(prompt), common.choices, answer);
      }
    } finally {
      calls.forEach(GenerationCall::cancel); // of those that are over this does nothing
    }
    if (common.isStream) {
      answer.end();
    } else {
      exchange.sendJson(answer);
    }
  }

  /** Submits all prompts; when one is refused, those before it are taken back. */
  private List<GenerationCall> submit(Exchange exchange, String model, CompletionBody body) {
    List<GenerationCall> calls = new ArrayList<>();
    try {
      for (Prompt prompt : body.prompts()) {
        calls.add(
            generation.submit(
                new GenerationRequest(
                    model,
                    null,
                    prompt,
                    body.common().fields.settings(),
                    body.common().choices,
                    exchange.tenant(),
                    exchange.generationDeadline(Duration.ZERO),
                    exchange.clock())));
      }
      return calls;
    } catch (RuntimeException refused) {
      calls.forEach(GenerationCall::cancel);
      throw refused instanceof ServingException failure
          ? GenerationBody.located(failure, "prompt")
          : refused;
    }
  }

  private static String text(Prompt prompt, Tokenizer tokenizer) {
    return switch (prompt) {
      case Prompt.Text(String text) -> text;
      case Prompt.Templated(String text) -> text;
      case Prompt.Tokens(List<Integer> ids) ->
          tokenizer.decode(ids.stream().mapToInt(Integer::intValue).toArray(), true);
    };
  }
}
