package io.lockstep.server.api;

import io.lockstep.runtime.grammar.Grammar;
import io.lockstep.runtime.sampling.SamplingSettings;
import io.lockstep.runtime.sampling.SamplingSettings.Penalties;
import io.lockstep.server.serving.GenerationSettings;
import io.lockstep.server.serving.ServingException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/** The fields of a request that say how text is generated, as all protocols call them. */
public final class GenerationFields {

  private static final int MAX_TOKENS = 1 << 24;
  private static final int MAX_STOPS = 64;
  private static final int MAX_BIASES = 1024;

  /** As many as OpenAI's API gives at most. */
  private static final int MAX_TOP_LOGPROBS = 20;

  private double temperature = 1;
  private int topK;
  private double topP = 1;
  private double minP;
  private double typicalP = 1;
  private double repetitionPenalty = 1;
  private double frequencyPenalty;
  private double presencePenalty;
  private final Map<Integer, Float> logitBias = new LinkedHashMap<>();
  private long seed = ThreadLocalRandom.current().nextLong();
  private int maxTokens;
  private int maxCompletionTokens; // the newer name, which counts where both are given
  private int minTokens;
  private final List<String> stopStrings = new ArrayList<>();
  private final List<Integer> stopIds = new ArrayList<>();
  private boolean ignoreEnd;
  private int topLogprobs = -1;
  private final StructureFields structure = new StructureFields();

  /** Reads the value of {@code key} if it is one of these fields. */
  public boolean read(String key, JsonInput json) throws IOException {
    if (json.isNull()) {
      return isField(key);
    }
    switch (key) {
      case "temperature" -> temperature = json.number(key, 0, 100);
      case "top_k" -> topK = (int) Math.max(0, json.integer(key, -1, MAX_TOKENS));
      case "top_p" -> topP = json.number(key, 0, 1);
      case "min_p" -> minP = json.number(key, 0, 1);
      case "typical_p" -> typicalP = json.number(key, 0, 1);
      case "repetition_penalty" -> repetitionPenalty = json.number(key, 0.01, 100);
      case "frequency_penalty" -> frequencyPenalty = json.number(key, -2, 2);
      case "presence_penalty" -> presencePenalty = json.number(key, -2, 2);
      case "logit_bias" -> readBias(json);
      case "seed" -> seed = json.integer(key, Long.MIN_VALUE, Long.MAX_VALUE);
      case "max_tokens" -> maxTokens = (int) json.integer(key, 1, MAX_TOKENS);
      case "max_completion_tokens" -> maxCompletionTokens = (int) json.integer(key, 1, MAX_TOKENS);
      case "min_tokens" -> minTokens = (int) json.integer(key, 0, MAX_TOKENS);
      case "stop" -> readStops(json);
      case "stop_token_ids" -> readStopIds(json);
      case "ignore_eos" -> ignoreEnd = json.bool(key);
      default -> {
        if (!StructureFields.isField(key)) {
          return false;
        }
        structure.read(key, json);
      }
    }
    return true;
  }

  private static boolean isField(String key) {
    return switch (key) {
      case "temperature",
          "top_k",
          "top_p",
          "min_p",
          "typical_p",
          "repetition_penalty",
          "frequency_penalty",
          "presence_penalty",
          "logit_bias",
          "seed",
          "max_tokens",
          "max_completion_tokens",
          "min_tokens",
          "stop",
          "stop_token_ids",
          "ignore_eos" ->
          true;
      default -> StructureFields.isField(key);
    };
  }

  private void readBias(JsonInput json) throws IOException {
    json.object("logit_bias");
    for (String id = json.nextKey(); id != null; id = json.nextKey()) {
      if (logitBias.size() == MAX_BIASES) {
        throw ServingException.invalid("logit_bias has more than " + MAX_BIASES + " tokens");
      }
      try {
        int token = Integer.parseInt(id);
        if (token < 0) {
          throw new NumberFormatException("negative");
        }
        logitBias.put(token, (float) json.number("logit_bias of " + token, -100, 100));
      } catch (NumberFormatException problem) {
        throw ServingException.invalid(
            "logit_bias has the key '%s', which is no token id".formatted(JsonInput.shortened(id)));
      }
    }
  }

  private void readStops(JsonInput json) throws IOException {
    stopStrings.clear();
    if (json.isString()) {
      stopStrings.add(json.string("stop"));
    } else if (json.isArray()) {
      readStopList(json);
    } else {
      throw json.wrong("stop", "a string or an array of strings");
    }
  }

  private void readStopList(JsonInput json) throws IOException {
    json.array("stop");
    while (json.nextElement()) {
      if (stopStrings.size() == MAX_STOPS) {
        throw ServingException.invalid("stop has more than " + MAX_STOPS + " elements");
      }
      stopStrings.add(json.string("an element of stop"));
    }
  }

  private void readStopIds(JsonInput json) throws IOException {
    json.array("stop_token_ids");
    while (json.nextElement()) {
      if (stopIds.size() == MAX_STOPS) {
        throw ServingException.invalid("stop_token_ids has more than " + MAX_STOPS + " elements");
      }
      stopIds.add((int) json.integer("an element of stop_token_ids", 0, Integer.MAX_VALUE));
    }
  }

  /** Asks for the probabilities of tokens, and of so many of the most probable in their place. */
  public void logprobs(int top) {
    if (top > MAX_TOP_LOGPROBS) {
      throw ServingException.invalid(
          "at most %d top_logprobs are told, not %d".formatted(MAX_TOP_LOGPROBS, top));
    }
    topLogprobs = top;
  }

  /** Whether probabilities were asked for. */
  public boolean wantsLogprobs() {
    return topLogprobs >= 0;
  }

  /** What the text must follow, as the field {@code name} says. */
  public void grammar(String name, Grammar wanted) {
    structure.set(name, wanted);
  }

  /** What a call must look like that the model has to make, whatever else the request asks for. */
  public void call(Grammar wanted) {
    structure.replace(wanted);
  }

  /** So many tokens unless the request says otherwise. */
  public void defaultMaxTokens(int standard) {
    if (maxTokens == 0) {
      maxTokens = standard;
    }
  }

  /** All fields, checked together. */
  public GenerationSettings settings() {
    return new GenerationSettings(
        new SamplingSettings(
            temperature,
            topK,
            topP,
            minP,
            typicalP,
            new Penalties(repetitionPenalty, frequencyPenalty, presencePenalty),
            logitBias,
            seed),
        maxCompletionTokens > 0 ? maxCompletionTokens : maxTokens,
        minTokens,
        stopStrings,
        stopIds,
        ignoreEnd,
        topLogprobs,
        structure.grammar());
  }
}
