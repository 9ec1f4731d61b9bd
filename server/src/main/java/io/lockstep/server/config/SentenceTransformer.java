package io.lockstep.server.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.lockstep.runtime.error.InvalidModelException;
import io.lockstep.server.serving.Pooling;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What the files of the sentence-transformers library beside a model say about its embeddings:
 * {@code modules.json} lists the steps behind the network, {@code 1_Pooling/config.json} the kind
 * of pooling, {@code sentence_bert_config.json} the longest text. Without them: the mean over all
 * tokens, normalised.
 *
 * @param maxLength tokens of the longest text; empty to ask the tokenizer
 */
public record SentenceTransformer(Pooling pooling, boolean normalize, OptionalInt maxLength) {

  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Reads the files that are there.
   *
   * @param companion finds a file beside the model
   * @param chosen the pooling that the user chose; null to take the model's
   * @throws InvalidModelException when one is damaged or asks for a pooling that we do not have
   */
  public static SentenceTransformer read(
      Function<String, Optional<Path>> companion, @Nullable Pooling chosen) {
    Optional<JsonNode> modules = companion.apply("modules.json").map(SentenceTransformer::parse);
    Optional<JsonNode> pooling =
        companion.apply("1_Pooling/config.json").map(SentenceTransformer::parse);
    Optional<JsonNode> transformer =
        companion.apply("sentence_bert_config.json").map(SentenceTransformer::parse);
    int maxLength = transformer.map(node -> node.path("max_seq_length").asInt(0)).orElse(0);
    return new SentenceTransformer(
        chosen != null ? chosen : pooling.map(SentenceTransformer::pooling).orElse(Pooling.MEAN),
        modules.map(SentenceTransformer::normalizes).orElse(true),
        maxLength > 0 ? OptionalInt.of(maxLength) : OptionalInt.empty());
  }

  private static JsonNode parse(Path file) {
    try {
      return JSON.readTree(file.toFile());
    } catch (IOException problem) {
      throw new InvalidModelException("'" + file.getFileName() + "' is no valid JSON", problem);
    }
  }

  private static Pooling pooling(JsonNode config) {
    if (config.path("pooling_mode_mean_tokens").asBoolean()) {
      return Pooling.MEAN;
    }
    if (config.path("pooling_mode_cls_token").asBoolean()) {
      return Pooling.CLS;
    }
    if (config.path("pooling_mode_lasttoken").asBoolean()) {
      return Pooling.LAST;
    }
    throw new InvalidModelException(
        "1_Pooling/config.json asks for a pooling other than mean, cls and last token;"
            + " set pooling in model.yaml to use one of these");
  }

  /** Whether one of the modules brings the embeddings to length 1. */
  private static boolean normalizes(JsonNode modules) {
    for (JsonNode module : modules) {
      if (module.path("type").asText().endsWith(".Normalize")) {
        return true;
      }
    }
    return false;
  }
}
