package io.lockstep.server.api.openai;

import com.fasterxml.jackson.core.JsonGenerator;
import io.lockstep.server.serving.GenerationEvent;
import java.io.IOException;

/** Counts the tokens of an answer's texts. */
final class Usage {

  private long prompt;
  private long generated;
  private long cached;

  Usage(long promptTokens) {
    this.prompt = promptTokens;
  }

  void add(GenerationEvent.Finished finished) {
    generated += finished.generatedTokens();
    cached = Math.max(cached, finished.cachedTokens());
  }

  /** Another prompt of the same answer. */
  void addPrompt(long tokens) {
    prompt += tokens;
  }

  void write(JsonGenerator json) throws IOException {
    AnswerHead.writeUsage(json, prompt, generated, cached);
  }
}
