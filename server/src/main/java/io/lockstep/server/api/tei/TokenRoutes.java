package io.lockstep.server.api.tei;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonToken;
import io.lockstep.runtime.tokenizer.EncodeOptions;
import io.lockstep.runtime.tokenizer.Encoding;
import io.lockstep.runtime.tokenizer.Tokenizer;
import io.lockstep.runtime.tokenizer.Truncation;
import io.lockstep.server.api.Exchange;
import io.lockstep.server.api.JsonInput;
import io.lockstep.server.serving.Phase;
import io.lockstep.server.serving.ServingException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Texts to tokens and back, without running a model. */
final class TokenRoutes {

  private final ModelChoice models;
  private final PromptTokenRoutes prompts;

  TokenRoutes(ModelChoice models, PromptTokenRoutes prompts) {
    this.models = models;
    this.prompts = prompts;
  }

  void tokenize(Exchange exchange) throws IOException {
    TokenizeBody body = TokenizeBody.read(exchange);
    if (body.isPrompt()) {
      prompts.tokenize(exchange, body);
      return;
    }
    List<String> texts = body.texts();
    requireSome(texts, "inputs");
    boolean addSpecialTokens = !Boolean.FALSE.equals(body.addSpecialTokens());
    Tokenizer tokenizer = models.textOf(exchange).tokenizer();
    EncodeOptions options = new EncodeOptions(addSpecialTokens, Truncation.NONE);
    exchange.clock().mark(Phase.PARSE);
    List<Encoding> encodings =
        texts.stream().map(text -> tokenizer.encode(text, options).inCodePoints(text)).toList();
    exchange.clock().mark(Phase.TOKENIZE);
    exchange.sendJson(json -> {
      json.writeStartArray();
      for (int i = 0; i < encodings.size(); i++) {
        write(json, texts.get(i), encodings.get(i), tokenizer);
      }
      json.writeEndArray();
    });
  }

  void decode(Exchange exchange) throws IOException {
    List<int[]> rows = List.of();
    boolean skipSpecialTokens = true;
    try (JsonInput json = exchange.json()) {
      json.startObject();
      for (String key = json.nextKey(); key != null; key = json.nextKey()) {
        switch (key) {
          case "ids" -> rows = readRows(json, exchange.limits().maxTexts());
          case "skip_special_tokens" -> skipSpecialTokens = json.bool(key);
          default -> json.skip();
        }
      }
      json.end();
    }
    requireSome(rows, "ids");
    Tokenizer tokenizer = models.textOf(exchange).tokenizer();
    requireKnown(rows, tokenizer, "ids");
    exchange.clock().mark(Phase.PARSE);
    boolean skip = skipSpecialTokens;
    List<String> texts = rows.stream().map(ids -> tokenizer.decode(ids, skip)).toList();
    exchange.clock().mark(Phase.TOKENIZE);
    exchange.sendJson(json -> {
      json.writeStartArray();
      for (String text : texts) {
        json.writeString(text);
      }
      json.writeEndArray();
    });
  }

  /** {@code [ids]} or {@code [[ids], ...]}. */
  private static List<int[]> readRows(JsonInput json, int maxRows) throws IOException {
    json.array("ids");
    List<int[]> rows = new ArrayList<>();
    if (json.nextElement() && json.isInteger()) {
      rows.add(readIds(json, "ids"));
      return rows;
    }
    for (; json.parser().currentToken() != JsonToken.END_ARRAY; json.parser().nextToken()) {
      requireRoom(rows, maxRows, "ids");
      json.array("ids[" + rows.size() + "]");
      json.parser().nextToken();
      rows.add(readIds(json, "ids"));
    }
    return rows;
  }

  /** Reads ids up to the array's end; the first one is current. */
  static int[] readIds(JsonInput json, String what) throws IOException {
    List<Integer> ids = new ArrayList<>();
    for (; json.parser().currentToken() != JsonToken.END_ARRAY; json.parser().nextToken()) {
      ids.add((int) json.integer(what, 0, Integer.MAX_VALUE));
    }
    return ids.stream().mapToInt(Integer::intValue).toArray();
  }

  static void requireRoom(List<?> list, int most, String what) {
    if (list.size() == most) {
      throw ServingException.invalid(
          what + " has more than " + most + " elements, which is the most allowed");
    }
  }

  private static void requireSome(List<?> list, String what) {
    if (list.isEmpty()) {
      throw ServingException.invalid(what + " must not be empty");
    }
  }

  static void requireKnown(List<int[]> rows, Tokenizer tokenizer, String what) {
    for (int[] ids : rows) {
      for (int id : ids) {
        if (tokenizer.tokenOf(id).isEmpty()) {
          throw ServingException.invalid(what + " holds " + id + ", which is no token");
        }
      }
    }
  }

  private static void write(
      JsonGenerator json, String source, Encoding encoding, Tokenizer tokenizer)
      throws IOException {
    json.writeStartArray();
    int[] units = source.codePoints().toArray();
    for (int i = 0; i < encoding.length(); i++) {
      boolean special = encoding.isSpecial(i);
      json.writeStartObject();
      json.writeNumberField("id", encoding.id(i));
      json.writeStringField(
          "text",
          special
              ? tokenizer.tokenOf(encoding.id(i)).orElse("")
              : new String(units, encoding.start(i), encoding.stop(i) - encoding.start(i)));
      json.writeBooleanField("special", special);
      if (special) {
        json.writeNullField("start");
        json.writeNullField("stop");
      } else {
        json.writeNumberField("start", encoding.start(i));
        json.writeNumberField("stop", encoding.stop(i));
      }
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}
