package io.lockstep.runtime.importer.safetensors;

import com.fasterxml.jackson.databind.JsonNode;
import io.lockstep.runtime.decoder.DecoderConfig;
import io.lockstep.runtime.decoder.DecoderWeights;
import io.lockstep.runtime.importer.DecoderTensors;
import io.lockstep.runtime.importer.ImportedDecoder;
import io.lockstep.runtime.tokenizer.TokenizerJson;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Makes decoders of safetensors files. Beside them stand config.json, and as far as texts are
 * concerned tokenizer.json, tokenizer_config.json, generation_config.json and chat_template.jinja.
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
          HubConversation.read(path, json),
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
}
