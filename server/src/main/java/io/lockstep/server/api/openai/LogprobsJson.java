package io.lockstep.server.api.openai;

import com.fasterxml.jackson.core.JsonGenerator;
import io.lockstep.runtime.sampling.TokenLogprobs.Entry;
import io.lockstep.runtime.tokenizer.Tokenizer;
import io.lockstep.server.serving.GeneratedToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Writes how probable tokens were. */
record LogprobsJson(Tokenizer tokenizer, boolean isWanted) {

  /** OpenAI's stand-in for minus infinity, which JSON has not. */
  private static final double IMPOSSIBLE = -9999;

  /** The field of a choice in a conversation. */
  void writeChat(JsonGenerator json, List<GeneratedToken> tokens) throws IOException {
    if (!isWanted) {
      json.writeNullField("logprobs");
      return;
    }
    json.writeObjectFieldStart("logprobs");
    json.writeArrayFieldStart("content");
    for (GeneratedToken token : tokens) {
      json.writeStartObject();
      writeEntry(json, token.logprobs().chosen());
      json.writeArrayFieldStart("top_logprobs");
      for (Entry entry : token.logprobs().top()) {
        json.writeStartObject();
        writeEntry(json, entry);
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeNullField("refusal");
    json.writeEndObject();
  }

  private void writeEntry(JsonGenerator json, Entry entry) throws IOException {
    byte[] bytes = tokenizer.bytesOf(entry.id());
    json.writeStringField("token", text(entry.id()));
    json.writeNumberField("logprob", number(entry));
    json.writeArrayFieldStart("bytes");
    for (byte value : bytes) {
      json.writeNumber(value & 0xFF);
    }
    json.writeEndArray();
  }

  /** The field of a choice in a plain continuation; {@code offset} of the first token's text. */
  void writeCompletion(JsonGenerator json, List<GeneratedToken> tokens, int offset)
      throws IOException {
    if (!isWanted) {
      json.writeNullField("logprobs");
      return;
    }
    json.writeObjectFieldStart("logprobs");
    json.writeArrayFieldStart("tokens");
    for (GeneratedToken token : tokens) {
      json.writeString(text(token.logprobs().chosen().id()));
    }
    json.writeEndArray();
    json.writeArrayFieldStart("token_logprobs");
    for (GeneratedToken token : tokens) {
      json.writeNumber(number(token.logprobs().chosen()));
    }
    json.writeEndArray();
    json.writeArrayFieldStart("top_logprobs");
    for (GeneratedToken token : tokens) {
      json.writeStartObject();
      List<String> seen = token.logprobs().top().stream().map(entry -> text(entry.id())).toList();
      for (int i = 0; i < seen.size(); i++) {
        if (seen.indexOf(seen.get(i)) == i) { // parts of characters look alike
          json.writeNumberField(seen.get(i), number(token.logprobs().top().get(i)));
        }
      }
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeArrayFieldStart("text_offset");
    int at = offset;
    for (GeneratedToken token : tokens) {
      json.writeNumber(at);
      at += token.text().length();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private String text(int id) {
    byte[] bytes = tokenizer.bytesOf(id);
    return bytes.length > 0
        ? new String(bytes, StandardCharsets.UTF_8)
        : tokenizer.tokenOf(id).orElse("");
  }

  private static double number(Entry entry) {
    return Math.max(IMPOSSIBLE, entry.logprob());
  }
}
