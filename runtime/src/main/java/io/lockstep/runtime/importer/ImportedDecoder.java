package io.lockstep.runtime.importer;

import io.lockstep.runtime.decoder.DecoderConfig;
import io.lockstep.runtime.decoder.DecoderWeights;
import io.lockstep.runtime.tokenizer.Tokenizer;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A decoder as its files describe it. The weights stand in memory of {@code files}, which whoever
 * has this closes.
 *
 * @param tokenizer reads the tokenizer; throws when the files have none that is supported
 * @param fileBytes bytes of the files that are mapped
 * @param files owner of all memory
 */
public record ImportedDecoder(
    DecoderConfig config,
    DecoderWeights weights,
    Supplier<Tokenizer> tokenizer,
    Conversation conversation,
    long fileBytes,
    Files files) {

  /** The same with other weights. */
  public ImportedDecoder withWeights(DecoderWeights others) {
    return new ImportedDecoder(config, others, tokenizer, conversation, fileBytes, files);
  }

  /** Mapped files, and memory of their own. */
  public interface Files extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * What the files say about texts.
   *
   * @param template the Jinja template that makes a prompt of a conversation
   * @param beginToken what templates call {@code bos_token}
   * @param endToken what templates call {@code eos_token}
   * @param endTokens ids after which a text is over, in ascending order
   */
  public record Conversation(
      Optional<String> template,
      Optional<String> beginToken,
      Optional<String> endToken,
      List<Integer> endTokens) {}
}
