package io.lockstep.runtime.importer.safetensors;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockstep.runtime.decoder.DecoderConfig;
import io.lockstep.runtime.decoder.DecoderWeights;
import io.lockstep.runtime.importer.DecoderTensors;
import io.lockstep.runtime.importer.ImportedDecoder;
import io.lockstep.runtime.importer.ImportedDecoder.Conversation;
import io.lockstep.runtime.tokenizer.TokenizerJson;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Makes decoders of safetensors files. Beside them stand config.json, and as far as texts are
 * concerned tokenizer.json, tokenizer_config.json and generation_config.json.
 */
public final class SafetensorsDecoders {

  private SafetensorsDecoders() {}

  /** Whether the file's name says that it holds weights, or names the files that do. */
  public static boolean recognizes(Path file) {
    String name = String.valueOf(file.getFileName());
    return name.endsWith(SafetensorsFiles.SUFFIX) || name.endsWith(SafetensorsFiles.INDEX_SUFFIX);
  }

  /**
   * Opens a decoder.
   *
   * @param path a safetensors file, or the index of several
   * @param quantizes whether matrices become Q8_0
   * @throws io.lockstep.runtime.error.InvalidModelException when a file is damaged
   * @throws io.lockstep.runtime.error.UnsupportedModelException when the model needs what is not
   *     there; lists all of it
   */
  public static ImportedDecoder open(Path path, boolean quantizes) {
    JsonNode json = JsonFile.read(path.resolveSibling("config.json"));
    HubConfig hub = HubConfig.of(json);
    DecoderConfig config = hub.decoder();
    AdaptedTensors tensors =
        new AdaptedTensors(
            SafetensorsFiles.open(path), hub.architecture(), config.headSize(), quantizes);
    try {
      return new ImportedDecoder(
          config,
          weights(hub, config, tensors),
          () -> TokenizerJson.read(path.resolveSibling("tokenizer.json")),
          conversation(path, json),
          tensors.fileBytes(),
          tensors::close);
    } catch (RuntimeException e) {
      tensors.close();
      throw e;
    }
  }

  private static DecoderWeights weights(
      HubConfig hub, DecoderConfig config, AdaptedTensors tensors) {
    HubArchitecture architecture = hub.architecture();
    boolean hasPrefix = tensors.names().stream().anyMatch(name -> name.startsWith("transformer."));
    Set<String> ignored =
        tensors.names().stream().filter(architecture::ignores).collect(Collectors.toSet());
    return new DecoderTensors(tensors, architecture.names(hasPrefix ? "transformer." : ""), config)
        .weights(ignored);
  }

  private static Conversation conversation(Path path, JsonNode config) {
    Optional<JsonNode> texts = JsonFile.readIfPresent(path.resolveSibling("tokenizer_config.json"));
    Optional<JsonNode> generation =
        JsonFile.readIfPresent(path.resolveSibling("generation_config.json"));
    TreeSet<Integer> ends = new TreeSet<>();
    for (JsonNode source : List.of(generation.orElse(config), config)) {
      JsonNode ids = source.path("eos_token_id");
      if (ids.isInt()) {
        ends.add(ids.asInt());
      }
      ids.forEach(id -> ends.add(id.asInt()));
    }
    return new Conversation(
        texts
            .map(json -> json.path("chat_template"))
            .filter(JsonNode::isTextual)
            .map(JsonNode::asText),
        texts.flatMap(json -> token(json, "bos_token")),
        texts.flatMap(json -> token(json, "eos_token")),
        List.copyOf(ends));
  }

  /** A token, which stands there as a text or as an object with its content. */
  private static Optional<String> token(JsonNode json, String key) {
    JsonNode token = json.path(key);
    JsonNode text = token.isObject() ? token.path("content") : token;
    return text.isTextual() ? Optional.of(text.asText()) : Optional.empty();
  }
}
