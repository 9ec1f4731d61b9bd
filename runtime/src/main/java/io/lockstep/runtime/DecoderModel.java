package io.lockstep.runtime;

import io.lockstep.runtime.decoder.DecoderConfig;
import io.lockstep.runtime.decoder.DecoderSession;
import io.lockstep.runtime.decoder.DecoderWeights;
import io.lockstep.runtime.importer.gguf.GgufDecoders;
import io.lockstep.runtime.importer.gguf.GgufFile;
import io.lockstep.runtime.importer.gguf.ImportedDecoder;
import io.lockstep.runtime.kernel.KernelSet;
import java.nio.file.Path;
import java.util.Optional;

/** A language model that continues texts; owns its mapped file and is closed after its sessions. */
public final class DecoderModel implements AutoCloseable {

  private final DecoderConfig config;
  private final DecoderWeights weights;
  private final GgufFile file;
  private final KernelSet kernels;
  private final RuntimeOptions options;

  private DecoderModel(ImportedDecoder imported, RuntimeOptions options) {
    this.config = imported.config();
    this.weights = imported.weights();
    this.file = imported.file();
    this.kernels = KernelBackends.select(options.kernels()).kernels();
    this.options = options;
  }

  /**
   * Loads a GGUF file.
   *
   * @throws io.lockstep.runtime.error.InvalidModelException when the file is damaged
   * @throws io.lockstep.runtime.error.UnsupportedModelException when the model needs what the
   *     runtime lacks; lists all of it
   */
  public static DecoderModel load(Path path, RuntimeOptions options) {
    return new DecoderModel(GgufDecoders.open(path), options);
  }

  public DecoderConfig config() {
    return config;
  }

  /** The Jinja template that makes a prompt of a conversation, if the file has one. */
  public Optional<String> chatTemplate() {
    return file.metadata().string("tokenizer.chat_template");
  }

  /** Bytes of the mapped file. */
  public long fileBytes() {
    return file.bytes();
  }

  /**
   * A session with a cache of its own.
   *
   * @param cacheBlocks blocks of {@link io.lockstep.runtime.decoder.BlockAllocator#SIZE} positions
   */
  public DecoderSession newSession(int cacheBlocks) {
    return new DecoderSession(config, weights, kernels, options.pool(), cacheBlocks);
  }

  @Override
  public void close() {
    file.close();
  }
}
