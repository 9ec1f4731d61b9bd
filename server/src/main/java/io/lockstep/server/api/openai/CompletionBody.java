package io.lockstep.server.api.openai;

import io.lockstep.server.api.Exchange;
import io.lockstep.server.api.JsonInput;
import io.lockstep.server.serving.GenerationRequest.Prompt;
import io.lockstep.server.serving.ServingException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What the body of a request to continue texts says.
 *
 * @param prompts at least one
 * @param echo whether answers begin with their prompts
 */
record CompletionBody(GenerationBody common, List<Prompt> prompts, boolean echo) {

  /** OpenAI's API gives so many tokens unless asked for more. */
  private static final int DEFAULT_MAX_TOKENS = 16;

  private static final int MAX_PROMPTS = 128;
  private static final int MAX_TOKENS = 1 << 20;

  static CompletionBody read(Exchange exchange) throws IOException {
    return exchange.readJson(CompletionBody::read);
  }

  private static CompletionBody read(JsonInput json) throws IOException {
    GenerationBody common = new GenerationBody();
    List<Prompt> prompts = new ArrayList<>();
    boolean echo = false;
    json.startObject();
    for (String key = json.nextKey(); key != null; key = json.nextKey()) {
      switch (key) {
        case "prompt" -> readPrompts(json, prompts);
        case "echo" -> echo = !json.isNull() && json.bool(key);
        case "logprobs" -> {
          if (!json.isNull()) {
            common.fields.logprobs((int) json.integer(key, 0, 20));
          }
        }
        case "best_of" -> {
          if (!json.isNull() && json.integer(key, 1, Integer.MAX_VALUE) > 1) {
            throw ServingException.invalid(
                "best_of is not supported: all texts are given, so ask for n of them");
          }
        }
        case "suffix" -> {
          if (!json.isNull() && !json.string(key).isEmpty()) {
            throw ServingException.invalid(
                "suffix is not supported: texts are continued at their end");
          }
        }
        default -> common.read(key, json);
      }
    }
    json.end();
    if (prompts.isEmpty()) {
      throw ServingException.invalid("the request has no prompt").at("prompt");
    }
    if (echo && common.fields.wantsLogprobs()) {
      throw ServingException.invalid("logprobs of a prompt are not told: echo excludes logprobs")
          .at("logprobs");
    }
    common.fields.defaultMaxTokens(DEFAULT_MAX_TOKENS);
    return new CompletionBody(common, prompts, echo);
  }

  private static void readPrompts(JsonInput json, List<Prompt> prompts) throws IOException {
    if (json.isString()) {
      prompts.add(new Prompt.Text(json.string("prompt")));
      return;
    }
    if (!json.isArray()) {
      throw json.wrong("prompt", "a string, or an array of strings or token ids");
    }
    List<Integer> ids = new ArrayList<>();
    while (json.nextElement()) {
      if (json.isString()) {
        prompts.add(new Prompt.Text(json.string("prompt")));
      } else if (json.isArray()) {
        prompts.add(new Prompt.Tokens(readIds(json)));
      } else {
        ids.add(id(json, ids.size()));
      }
      if (prompts.size() > MAX_PROMPTS || (!prompts.isEmpty() && !ids.isEmpty())) {
        throw ServingException.invalid(
            "prompt must be a text, token ids, or at most " + MAX_PROMPTS + " of one of them");
      }
    }
    if (!ids.isEmpty()) {
      prompts.add(new Prompt.Tokens(ids));
    }
  }

  private static List<Integer> readIds(JsonInput json) throws IOException {
    List<Integer> ids = new ArrayList<>();
    while (json.nextElement()) {
      ids.add(id(json, ids.size()));
    }
    return ids;
  }

  private static int id(JsonInput json, int before) throws IOException {
    if (before >= MAX_TOKENS) {
      throw ServingException.invalid("a prompt has more than " + MAX_TOKENS + " tokens");
    }
    return (int) json.integer("a token of prompt", 0, Integer.MAX_VALUE);
  }
}
