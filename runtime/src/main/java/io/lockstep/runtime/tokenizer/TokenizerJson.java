package io.lockstep.runtime.tokenizer;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.runtime.error.UnsupportedModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeSet;

/** Reads the {@code tokenizer.json} of a model, the file format of the Hugging Face tokenizers. */
public final class TokenizerJson {

  /** Largest file read; those of a quarter million tokens with their merges take 35 MB. */
  private static final int MAX_BYTES = 64 << 20;

  /** Most JSON tokens in a file; a vocabulary entry takes two, a merge up to four. */
  private static final long MAX_JSON_TOKENS = 8_000_000;

  /** Reader by {@code model.type}: a new kind of tokenizer is one line here. */
  private static final Map<String, ModelKind> KINDS =
      Map.of(
          "WordPiece", new WordPieceReader(),
          "BPE", new BytePairReader(),
          "Unigram", new UnigramReader());

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxDocumentLength(MAX_BYTES)
                          .maxTokenCount(MAX_JSON_TOKENS)
                          .maxNestingDepth(32)
                          .maxStringLength(1 << 24)
                          .maxNameLength(1 << 16)
                          .build())
                  .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES) // tokens are names here
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private TokenizerJson() {}

  /**
   * Reads a file.
   *
   * @throws InvalidModelException when it cannot be read, is too large, or contradicts itself
   * @throws UnsupportedModelException when it needs a part that is not implemented; names them all
   */
  public static Tokenizer read(Path file) {
    try {
      long bytes = Files.size(file);
      if (bytes > MAX_BYTES) {
        throw new InvalidModelException(
            "%s has %d bytes, more than the %d that are read"
                .formatted(file.getFileName(), bytes, MAX_BYTES));
      }
      return parse(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new InvalidModelException(file.getFileName() + " cannot be read", e);
    }
  }

  /** Reads the content of a file, UTF-8 [bytes]. */
  public static Tokenizer parse(byte[] json) {
    JsonField document = new JsonField(tree(json), "");
    if (!document.node().isObject()) {
      throw document.expected("an object");
    }
    String kind = kind(document.get("model"));
    ModelKind reader = KINDS.get(kind);
    if (reader == null) {
      throw new UnsupportedModelException(
          "tokenizer.json: model.type %s is not supported, only %s are"
              .formatted(kind, String.join(", ", new TreeSet<>(KINDS.keySet()))));
    }
    return new TokenizerReader(document, reader).read();
  }

  /** Older files name no type: their merges or pairs tell. */
  private static String kind(JsonField model) {
    JsonField type = model.get("type");
    if (!type.isAbsent()) {
      return type.text();
    }
    if (!model.get("merges").isAbsent()) {
      return "BPE";
    }
    return model.get("vocab").node().isArray() ? "Unigram" : type.text();
  }

  private static JsonNode tree(byte[] json) {
    try {
      return MAPPER.readTree(json);
    } catch (JacksonException e) {
      JsonLocation at = e.getLocation();
      throw new InvalidModelException(
          at == null
              ? "tokenizer.json is not valid JSON"
              : "tokenizer.json is not valid JSON at line %d, column %d"
                  .formatted(at.getLineNr(), at.getColumnNr()),
          e);
    } catch (IOException e) {
      throw new InvalidModelException("tokenizer.json cannot be read", e);
    }
  }
}
